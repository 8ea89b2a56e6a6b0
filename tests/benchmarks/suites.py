"""What N+1 detection costs whole suites: the platform's own, and that of a package from the index. CPU time, in turns.

The foreign suite is installed in an environment of its own, below .tox, at the first run; that needs the package index.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import sample

REPOSITORY = Path(__file__).resolve().parents[2]
SETTINGS = REPOSITORY / "tests/benchmarks/projects"
FOREIGN = REPOSITORY / ".tox" / "suites"
PACKAGE = "django-guardian"
LIMIT = 1.05
# The platform's conftest asks for detection in every test; without the plugin the marker means nothing.
WITHOUT = ("-p", "no:harness.pytest_plugin", "-o", "markers=queries\nslow\npostgres\nsabotage\nalone")
# Nothing repeats a statement so often: what is measured is detection, not how pytest prints failures.
WITH = ("-o", "queries_n_plus_one=100000")


@dataclass(frozen=True)
class Suite:
    """A suite, and how it is run with detection and without."""

    name: str
    python: str
    folder: Path
    tests: tuple[str, ...]
    on: tuple[str, ...]
    off: tuple[str, ...]
    environment: dict[str, str]

    def seconds(self, *options: str) -> float:
        """Run it and return its CPU time; raises RuntimeError where a test fails."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [self.python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, *self.tests]
        variables = {**os.environ, **self.environment}
        done = subprocess.run(command, cwd=self.folder, env=variables, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stdout[-3000:] + done.stderr[-1000:])
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)

    def compare(self, rounds: int) -> tuple[float, float]:
        """Return the least CPU time with detection to the least without, and how far runs without it lie apart.

        What else the machine does only adds to a time; the second number, the largest to the least, tells how much that
        was, and so how small a difference can be told.
        """
        measured: dict[tuple[str, ...], list[float]] = {self.on: [], self.off: []}
        for _ in range(rounds):
            for options in sample((self.on, self.off), 2):
                measured[options].append(self.seconds(*options))
        without = measured[self.off]
        return min(measured[self.on]) / min(without), max(without) / min(without)


def platform() -> Suite:
    """Return the suite of the platform's own applications, without what starts a PostgreSQL."""
    tests = ("tests/apps", "-m", "not slow and not postgres")
    return Suite("the platform's own (`tests/apps`)", sys.executable, REPOSITORY, tests, (), WITHOUT, {})


def foreign() -> Suite:
    """Return the suite that comes with a package; it is installed once."""
    python = FOREIGN / PACKAGE / "bin" / "python"
    source = FOREIGN / f"{PACKAGE}-source"
    if not (FOREIGN / PACKAGE / "installed").exists():
        _install(python, source)
    # The environment stays; the harness in it is the one of now.
    _run(python, "-m", "pip", "install", "-q", "--no-deps", "--force-reinstall", REPOSITORY)
    [folder] = [each for each in source.iterdir() if each.is_dir()]
    environment = {"DJANGO_SETTINGS_MODULE": "guardian_settings", "PYTHONPATH": f"{folder}{os.pathsep}{SETTINGS}"}
    version = folder.name.rsplit("-", 1)[1]
    off = ("-p", "no:harness.pytest_plugin")
    return Suite(f"{PACKAGE} {version}, all tests", str(python), folder, ("guardian",), WITH, off, environment)


def _install(python: Path, source: Path) -> None:
    _run(sys.executable, "-m", "venv", python.parents[1])
    needs = ("django>=5.2,<5.3", "django-environ", "pytest", "pytest-django", str(REPOSITORY))
    _run(python, "-m", "pip", "install", "-q", "setuptools", *needs)
    _run(python, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", PACKAGE, "-d", source, PACKAGE)
    with tarfile.open(next(source.glob("*.tar.gz"))) as archive:
        archive.extractall(source, filter="data")
    (python.parents[1] / "installed").touch()


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True, capture_output=True)


SUITES: tuple[Callable[[], Suite], ...] = (platform, foreign)
