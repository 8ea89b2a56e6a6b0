"""A small project of its own for each test, and the probes run on it as the engine runs them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.events import Event
from harness.evidence import Evidence
from harness.operations import Catalog
from harness.probes.probe import find
from harness.probes.world import World
from harness.rollout import read_rollout
from harness.runs import Run

ROLLOUT = """
schema = 1
name = "small"
source = { release = "small" }
release = [{ name = "small", path = ".", settings = "none", environment = { PYTEST_DISABLE_PLUGIN_AUTOLOAD = "1" } }]
phase = [{ number = 1, name = "one", serves = "small" }]
"""


class Project:
    """A folder with a rollout file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.events: list[Event] = []
        self.run = Run.create(folder.parent / "runs", 1)
        self.write("rollout.toml", ROLLOUT)
        self.write("pytest.ini", "[pytest]\npythonpath = .\n")

    def write(self, name: str, text: str) -> None:
        """Write a file of the project."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def files(self) -> set[str]:
        """Return the names of all files but Python's caches."""
        found = (path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file())
        return {name for name in found if "__pycache__" not in name}

    def measure(self, probe: str, *, quick: bool = False, **options: Any) -> Evidence:
        """Run a probe with these options."""
        rollout = read_rollout(self.folder / "rollout.toml")
        emit = self.events.append
        world = World(rollout, rollout.phase[0], Catalog(), self.run, database="", quick=quick, emit=emit)
        return find(probe).measure(world, find(probe).read_options(options, "rollout.toml"))

    def log(self, name: str) -> str:
        """Return what a probe logged."""
        return (self.run.folder / "logs" / f"{name}.log").read_text(encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project without code."""
    (tmp_path / "project").mkdir()
    return Project(tmp_path / "project")


def value(evidence: Evidence, name: str, about: str = "") -> float:
    """Return the one measurement of that name and subject."""
    [found] = [each.value for each in evidence.select(name) if each.about == about]
    return found
