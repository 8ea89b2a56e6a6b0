"""A tiny real project and real probes whose evidence a test scripts."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

import harness.gate.check
import harness.probes.probe
from harness.evidence import Evidence
from harness.probes.probe import Options, Probe
from tests.harness.gate.cases import finding, measured, number


class ScriptedOptions(Options, frozen=True, kw_only=True):
    """Options of a scripted probe."""

    count: int = 0


class Scripted(Probe[ScriptedOptions]):
    """A probe without a class-level name (so that no walk over the package finds it) that does as it is told."""

    title = "does as it is told"
    options = ScriptedOptions
    uses_database = False

    def __init__(self, name, act, needs=(), measures=("failures",)):
        self.name = name
        self.needs = tuple(needs)
        self.measures = dict.fromkeys(measures, "a scripted number")
        self._act = act

    def measure(self, world, options):
        return self._act(world, options)


def gives(*numbers, **more):
    """Return an act that gives these measurements."""
    return lambda world, options: measured("", list(numbers), **more)


def raises(error):
    """Return an act that raises."""

    def act(world, options):
        raise error

    return act


def waits(world, options):
    """Tell that it has begun, and wait for an interruption."""
    (Path(world.run.folder).parents[2] / "begun").touch()
    time.sleep(60)
    return Evidence(probe="", outcome="measured")


def counts(world, options):
    """Count in steps, as many as the options say."""
    for step in range(options.count):
        world.progress("old code", "counting", step, options.count)
    return measured("", [number("failures", 0)], [finding(severity="low")], summary="counted")


FINE = {
    "old code": Scripted("old code", counts),
    "way back": Scripted("way back", gives(number("lost rows", 0), summary="nothing lost"), measures=["lost rows"]),
}


def replace_registry(patch: pytest.MonkeyPatch, probes: dict[str, Probe[Any]]) -> None:
    """Let the harness know these probes and no others."""
    for module in (harness.probes.probe, harness.gate.check):
        patch.setattr(module, "registry", lambda: probes)


ROLLOUT = """
schema = 1
name = "Tiny"
[source]
release = "legacy"
[[release]]
name = "legacy"
path = "site"
settings = "settings"
[[phase]]
number = 3
name = "Consolidation"
serves = "legacy"
way_back = "migrate"
[[phase.probe]]
name = "old code"
options = { count = 3 }
criteria = [{ measure = "failures", require = "== 0" }]
[[phase.probe]]
name = "way back"
criteria = [{ measure = "lost rows", require = "== 0", answers = "way back" }]
"""


def make_project(folder: Path, rollout: str = ROLLOUT) -> Path:
    """Write a project whose release is an empty folder."""
    (folder / "site").mkdir(parents=True)
    (folder / "rollout.toml").write_text(rollout, encoding="utf-8")
    (folder / "operations.toml").write_text("schema = 1\n", encoding="utf-8")
    return folder


def main_with(probes: dict[str, Probe[Any]], arguments: list[str]) -> int:
    """Run the command line in this process with these probes; for subprocesses of the tests."""
    from harness.cli import main

    with pytest.MonkeyPatch.context() as patch:
        replace_registry(patch, probes)
        return main(arguments)
