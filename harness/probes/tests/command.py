"""Runs pytest under coverage, and turns every way in which it can end without a result into an error."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from harness import subprocesses
from harness.errors import ProbeError
from harness.probes.tests.junit import Case, read_cases, tally
from harness.probes.tests.options import PytestOptions
from harness.probes.world import World
from harness.releases.interpreter import python

COUNT = re.compile(r"(?:^\[gw\d+\] \[\s*|\[\s*(?=\d+/\d+\]\s*$))(\d+)/(\d+)\]")
"""How far pytest is: at the end of a line, or with xdist behind the worker's name."""
EXITS = {
    2: "broke off, or could not import a test file",
    3: "crashed",
    4: "does not understand how it was called",
    5: "found no test",
}


class Totals(msgspec.Struct, frozen=True):
    """The totals of a coverage report: percent with branches, statements and branches there are, and those that ran."""

    percent_covered: float
    num_statements: int
    missing_lines: int = 0
    covered_lines: int = 0
    num_branches: int = 0
    covered_branches: int = 0


class FileCoverage(msgspec.Struct, frozen=True):
    """The coverage of one file."""

    summary: Totals


class Coverage(msgspec.Struct, frozen=True):
    """A coverage report in JSON."""

    totals: Totals
    files: dict[str, FileCoverage]


class Suite:
    """One run of a suite; `scratch` is a temporary folder for what pytest and coverage write."""

    def __init__(self, world: World, options: PytestOptions, scratch: Path) -> None:
        self.world = world
        self.options = options
        self.scratch = scratch
        self.log = world.log("tests")
        self.folder = Path(world.rollout.folder)
        release = msgspec.structs.replace(world.candidate, python=options.python or world.candidate.python)
        self.python = python(world.rollout, release)
        self.environment = subprocesses.clean_environment(world.candidate.environment)

    def run(self) -> list[Case]:
        """Run the tests; raises ProbeError unless pytest ended in order with at least one test."""
        result = self.scratch / "junit.xml"
        code = self._call([*self._under_coverage(), *self._pytest(result)])
        if code not in (0, 1):
            how = EXITS.get(code, f"ended with {code}" if code > 0 else f"was killed by signal {-code}")
            raise ProbeError(f"pytest {how}: {self._said()}.")
        try:
            cases = read_cases(result)
        except ProbeError as error:
            raise ProbeError(f"{error}: {self._said()}.") from None
        counted = tally(cases)
        if code == 1 and not counted["failed"] + counted["error"]:
            raise ProbeError(f"pytest ended with 1 although no test failed: {self._said()}.")
        if not cases:
            raise ProbeError(f"pytest {EXITS[5]}: {self._said()}.")
        return cases

    def coverage(self) -> Coverage:
        """Combine and read the coverage data; raises ProbeError where nothing was measured."""
        data, report = f"--data-file={self._data}", self.scratch / "coverage.json"
        tool = [self.python, "-m", "coverage"]
        steps = (
            [*tool, "combine", "--quiet", data, str(self.scratch)],
            [*tool, "json", "--quiet", data, "--fail-under=0", *self._omit(), "-o", str(report)],
        )
        for step in steps:
            if self._call(step) != 0:
                raise ProbeError(f"coverage has no data on {', '.join(self.options.cover)}: {self._said()}.")
        read = msgspec.json.decode(report.read_bytes(), type=Coverage)
        if not read.totals.num_statements:
            raise ProbeError(f"coverage found no statement in {', '.join(self.options.cover)}; check 'cover'.")
        return read

    @property
    def _data(self) -> Path:
        return self.scratch / "coverage"

    def _omit(self) -> list[str]:
        return [f"--omit={','.join(self.options.omit)}"] if self.options.omit else []

    def _under_coverage(self) -> list[str]:
        if not self.options.cover:
            return [self.python, "-m", "pytest"]
        source = f"--source={','.join(self.options.cover)}"
        measure = ["--branch", "--parallel-mode", f"--data-file={self._data}", source, *self._omit()]
        return [self.python, "-m", "coverage", "run", *measure, "-m", "pytest"]

    def _pytest(self, result: Path) -> list[str]:
        """Options that make the run readable and leave nothing in the project's folder."""
        switches = [
            f"--junit-xml={result}",
            *("-o", "junit_family=xunit1", "-o", "junit_logging=no"),
            *("-o", f"cache_dir={self.scratch / 'cache'}", "-o", "console_output_style=count"),
            *("-v", "--tb=short", "--color=no"),
        ]
        quick = self.options.quick_args if self.world.quick else []
        return [*switches, *self.options.args, *quick, *self.options.paths]

    def _call(self, command: list[str]) -> int:
        limit = self.options.minutes * 60
        return subprocesses.run(
            command,
            folder=self.folder,
            log=self.log,
            environment=self.environment,
            seconds=limit,
            on_line=self._progress,
        )

    def _progress(self, line: str) -> None:
        if found := COUNT.search(line):
            self.world.progress("tests", "tests", float(found[1]), float(found[2]))

    def _said(self) -> str:
        words = subprocesses.last_words(self.log, "ERROR", "E  ", "INTERNALERROR").rstrip(".")
        return f"{words} (see {self.log.relative_to(self.world.run.folder)})"
