"""What N+1 detection costs whole suites: the platform's own, and that of a package from the index.

CPU time of one half of the tests with detection and of the other without, which take turns within one run.

The foreign suite is installed in an environment of its own, below .tox, at the first run; that needs the package index.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from math import prod, sqrt
from pathlib import Path
from random import sample
from statistics import mean, median
from typing import NamedTuple

REPOSITORY = Path(__file__).resolve().parents[2]
SETTINGS = REPOSITORY / "tests/benchmarks/projects"
FOREIGN = REPOSITORY / ".tox" / "suites"
PACKAGE = "django-guardian"
LIMIT = 1.05
# Nothing repeats a statement so often: what is measured is detection, not how pytest prints failures.
WITH = ("-o", "queries_n_plus_one=100000")


class Compared(NamedTuple):
    """CPU time with detection to that without, and the same where both halves went without: median, least, largest."""

    ratio: float
    least: float
    most: float
    same: float
    same_least: float
    same_most: float


@dataclass(frozen=True)
class Suite:
    """A suite, and how it is run with detection."""

    name: str
    python: str
    folder: Path
    tests: tuple[str, ...]
    options: tuple[str, ...]
    environment: dict[str, str]

    def compare(self, rounds: int) -> Compared:
        """Compare as often as asked for."""
        on = [self._ratio() for _ in range(rounds)]
        nowhere = [self._ratio("--nowhere") for _ in range(rounds)]
        return Compared(median(on), min(on), max(on), median(nowhere), min(nowhere), max(nowhere))

    def _ratio(self, *options: str) -> float:
        """Return the CPU time of a whole run with detection to that of one without, from two runs in halves.

        Each test is once in either half, so the ratio of the tests is the geometric mean of both runs' ratios, whatever
        the halves weigh. What comes before the tests, and what they share, counts for both.
        """
        runs = [self._halves(f"--without={half}", *options) for half in sample((0, 1), 2)]
        tests = sqrt(prod(run["with"] / run["without"] for run in runs))
        common = mean(run["start"] + run["shared"] for run in runs)
        imports = 0 if options else mean(run["imports"] for run in runs)
        without = sum(run["without"] for run in runs)
        return (common + imports + without * tests) / (common + without)

    def _halves(self, *options: str) -> dict[str, float]:
        """Run the suite once; raises RuntimeError where a test fails."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "seconds.json"
            switch = ("-p", "alternating", f"--seconds={file}", *options)
            command = [self.python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *switch, *self.options, *self.tests]
            variables = {**os.environ, **self.environment}
            done = subprocess.run(command, cwd=self.folder, env=variables, capture_output=True, text=True, check=False)
            if done.returncode:
                raise RuntimeError(done.stdout[-3000:] + done.stderr[-1000:])
            found: dict[str, float] = json.loads(file.read_text(encoding="utf-8"))
            return found


def platform() -> Suite:
    """Return the suite of the platform's own applications, without what starts a PostgreSQL."""
    tests = ("tests/apps", "-m", "not slow and not postgres")
    environment = {"PYTHONPATH": str(SETTINGS)}
    return Suite("the platform's own (`tests/apps`)", sys.executable, REPOSITORY, tests, (), environment)


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
    return Suite(f"{PACKAGE} {version}, all tests", str(python), folder, ("guardian",), WITH, environment)


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
