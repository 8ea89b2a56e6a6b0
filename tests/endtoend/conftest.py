"""A copy of the repository that a test may break, and the gate run on it as its users run it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
COPIED = (
    "platform",
    "harness",
    "loadtests",
    "security",
    "validations",
    "reports/baselines",
    "tests/apps",
    "tests/journeys",
    "tests/factories.py",
)
FILES = ("operations.toml", "rollout.toml", "pyproject.toml", "tests/__init__.py", "docs/openapi.yaml")


@dataclass
class Outcome:
    """What one gate run left behind."""

    code: int
    output: str
    folder: Path
    verdict: dict[str, Any] = field(default_factory=dict)

    @property
    def reasons(self) -> str:
        """All reasons of the verdict, the way back's too, as one text."""
        return json.dumps(self.verdict, ensure_ascii=False)


class Copy:
    """A copy of the repository in a folder of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.phase = 3
        for name in (*COPIED, *FILES):
            source, target = REPOSITORY / name, path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.sqlite3"))
            elif source.is_file():
                shutil.copy(source, target)

    def keep_probes(self, *names: str, phase: int = 3, learners: int = 60) -> None:
        """Reduce the rollout file to some probes of one phase, what earlier phases migrate, and small data."""
        head, *phases = re.split(r"^(?=\[\[phase\]\]\n)", self.read("rollout.toml"), flags=re.M)
        head = re.sub(r'"--learners", "\d+"', f'"--learners", "{learners}"', head)
        number = next(index for index, text in enumerate(phases) if text.startswith(f"[[phase]]\nnumber = {phase}\n"))
        parts = [re.split(r"^(?=\[\[phase\.probe\]\])", text, flags=re.M) for text in phases[: number + 1]]
        kept = [block for block in parts[-1] if any(f'name = "{name}"' in block for name in names)]
        assert len(kept) == len(names), f"rollout.toml lists {names}"
        self.phase = phase
        self.write("rollout.toml", head + "".join(opening for opening, *_ in parts) + "".join(kept))

    def read(self, name: str) -> str:
        """Read a file of the copy."""
        return (self.path / name).read_text(encoding="utf-8")

    def write(self, name: str, text: str) -> None:
        """Write a file of the copy."""
        (self.path / name).write_text(text, encoding="utf-8")

    def replace(self, name: str, old: str, new: str) -> None:
        """Replace a text that must be there."""
        text = self.read(name)
        assert old in text, f"{name} holds {old!r}"
        self.write(name, text.replace(old, new))

    def add_migration(self, operations: str, *, helpers: str = "", name: str = "0099_sabotage") -> None:
        """Add a migration at the end of phase 3, before those of phase 6."""
        last, following = "0010_copy_permissions", "platform/core/migrations/0011_place_the_rest.py"
        self.replace(following, last, name)
        self.replace("rollout.toml", f'"core.{last}"', f'"core.{name}"')
        self.write(
            f"platform/core/migrations/{name}.py",
            "from django.db import migrations, models\n\n\n"
            f"{helpers}\n\n"
            "class Migration(migrations.Migration):\n"
            f"    dependencies = [('core', '{last}')]\n"
            f"    operations = [{operations}]\n",
        )

    def gate(self, *arguments: str, environment: dict[str, str] | None = None, timeout: float = 240) -> Outcome:
        """Run ``harness gate`` in the copy, for the phase that was kept (3)."""
        command = [sys.executable, "-m", "harness", "gate", str(self.phase), *arguments]
        done = subprocess.run(
            command,
            cwd=self.path,
            env={**os.environ, "NO_COLOR": "1", "COLUMNS": "200", **(environment or {})},
            capture_output=True,
            text=True,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
        )
        return self.outcome(done.returncode, done.stdout + done.stderr)

    def outcome(self, code: int, output: str) -> Outcome:
        """Collect what the newest run left."""
        folder = self.path / "reports/runs/latest"
        verdict = folder / "verdict.json"
        found = json.loads(verdict.read_text(encoding="utf-8")) if verdict.is_file() else {}
        return Outcome(code, output, folder, found)


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """A fresh copy of the repository."""
    return Copy(tmp_path / "copy")


@pytest.fixture
def sabotaged(copy: Copy) -> Callable[..., Outcome]:
    """Run the gate of the copy with only the probes concerned."""

    def run(
        *probes: str, phase: int = 3, learners: int = 60, arguments: tuple[str, ...] = (), **environment: str
    ) -> Outcome:
        copy.keep_probes(*probes, phase=phase, learners=learners)
        return copy.gate(*arguments, environment=environment)

    return run
