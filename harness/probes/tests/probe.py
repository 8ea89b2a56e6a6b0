"""Measures whether a suite passes and how much of the code it covers."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, ClassVar

from harness.evidence import Evidence, Finding, Measurement
from harness.probes.probe import Options, Probe
from harness.probes.tests import packages
from harness.probes.tests.command import Coverage, Suite
from harness.probes.tests.junit import Case, tally
from harness.probes.tests.options import PytestOptions
from harness.probes.world import World
from harness.temporary import temporary_folder

MOST = 100
BROKEN = ("failed", "error")


class PytestProbe(Probe[PytestOptions]):
    """Runs pytest from the rollout's folder in the candidate's interpreter, in a process of its own."""

    name = "tests"
    title = "runs a suite with pytest, with branch coverage"
    measures: ClassVar[dict[str, str]] = {
        "passed": "tests that passed",
        "failed": "tests that failed",
        "errors": "tests whose fixtures failed",
        "skipped": "tests that were skipped or failed as expected",
        "coverage": "statements and branches that the tests ran, in %",
        "package coverage": "the same of one package, in %; about: its folder",
        "seconds": "wall time of all tests, in s",
    }
    uses_database = False
    options: ClassVar[type[Options]] = PytestOptions

    def measure(self, world: World, options: PytestOptions) -> Evidence:
        """Run the suite; raises ProbeError where it did not come to a result."""
        with temporary_folder("tests") as scratch:
            suite = Suite(world, options, Path(scratch))
            cases = suite.run()
            coverage = suite.coverage() if options.cover else None
        unseen = packages.unseen(suite.folder, options, coverage) if coverage else []
        counted = tally(cases)
        return Evidence(
            probe=self.name,
            outcome="measured",
            summary=_summary(counted, coverage),
            unsound=[f"coverage did not look at {name}; is an __init__.py missing?" for name in unseen],
            measurements=[
                *_measurements(cases, counted, coverage),
                *(packages.measurements(options.cover, coverage) if coverage else ()),
            ],
            findings=_findings(cases),
            artifacts=[world.keep(suite.log, "What pytest printed")],
            details={"tables": _tables(cases, coverage, options.cover)},
        )


def _measurements(cases: list[Case], counted: Counter[str], coverage: Coverage | None) -> list[Measurement]:
    names = {"passed": "passed", "failed": "failed", "errors": "error", "skipped": "skipped"}
    measured = [Measurement(name=name, value=counted[outcome], unit="tests") for name, outcome in names.items()]
    measured.append(Measurement(name="seconds", value=round(sum(case.seconds for case in cases), 3), unit="s"))
    if coverage:
        measured.append(Measurement(name="coverage", value=round(coverage.totals.percent_covered, 2), unit="%"))
    return measured


def _summary(counted: Counter[str], coverage: Coverage | None) -> str:
    words = {"failed": "failed", "error": "with errors", "skipped": "skipped"}
    parts = [f"{counted['passed']} passed", *(f"{counted[key]} {word}" for key, word in words.items() if counted[key])]
    if coverage:
        parts.append(f"coverage {coverage.totals.percent_covered:.1f} %")
    return ", ".join(parts)


def _findings(cases: list[Case]) -> list[Finding]:
    """Name the broken tests; of more than a hundred only the number is told for the rest."""
    broken = [case for case in cases if case.outcome in BROKEN]
    found = [
        Finding(
            code="test-failed",
            severity="high",
            about=case.test,
            why=case.message or "it gave no message",
            remedy=f"Run it alone: python -m pytest '{case.test}'",
            file=case.file,
            line=case.line,
        )
        for case in broken[:MOST]
    ]
    if len(broken) > MOST:
        why = f"only the first {MOST} are listed; the log has all"
        found.append(Finding(code="test-failed", severity="high", about=f"{len(broken) - MOST} more tests", why=why))
    return found


def _tables(cases: list[Case], coverage: Coverage | None, cover: list[str]) -> list[dict[str, Any]]:
    slowest = sorted(cases, key=lambda case: -case.seconds)[:10]
    tables: list[dict[str, Any]] = [
        {
            "title": "Slowest tests",
            "columns": ["test", "seconds"],
            "rows": [[case.test, round(case.seconds, 2)] for case in slowest],
        }
    ]
    if coverage:
        tables += [packages.table(cover, coverage), _least_covered(coverage)]
    return tables


def _least_covered(coverage: Coverage) -> dict[str, Any]:
    files = sorted(coverage.files.items(), key=lambda item: item[1].summary.percent_covered)
    rows = [
        [name, file.summary.num_statements, file.summary.missing_lines, round(file.summary.percent_covered, 1)]
        for name, file in files[:15]
        if file.summary.percent_covered < 100
    ]
    return {"title": "Least covered files", "columns": ["file", "statements", "missed", "coverage %"], "rows": rows}
