"""Measures how the work goes; what has no history yet is left out and never counted as 0."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from harness.errors import ProbeError
from harness.evidence import Evidence, Measurement
from harness.probes.development import history, repository
from harness.probes.development.options import DevelopmentOptions
from harness.probes.probe import Options, Probe
from harness.probes.world import World

NO_WORK = "'work' does not say which files a phase changes"
MISSING = {
    "duration of a run": "there is no earlier run",
    "time until GO": "no earlier run said GO",
    "test failure rate": "no earlier run measured tests",
    "findings opened": "no phase was run twice",
    "documentation trend": "fewer than two earlier runs measured the documentation",
}


class DevelopmentProbe(Probe[DevelopmentOptions]):
    """Reads the verdicts and the evidence of earlier runs, and the commits to what each phase changes."""

    name = "development"
    title = "measures velocity, failure rate of tests, findings that came and went"
    measures: ClassVar[dict[str, str]] = {
        "runs": "earlier runs that were judged; about: a phase, or the whole",
        "duration of a run": "median wall time of a run, in s; about: a phase",
        "runs until GO": "runs that a phase took until the first GO; about: a phase",
        "time until GO": "from a phase's first run to its first GO, in h; about: a phase",
        "commits": "commits to the files of a phase; about: a phase",
        "days with commits": "days on which they were written; about: a phase",
        "elapsed days": "from the first of these days to the last, in d; about: a phase",
        "test failure rate": "tests that failed, of all that ran in all runs, in %",
        "runs with failing tests": "runs in which a test failed, in % of those with tests",
        "findings opened": "findings that were not in the run before; about: a phase",
        "findings closed": "findings that the next run no longer had; about: a phase",
        "documentation trend": "change of the share of documented definitions since the first run, in points",
    }
    uses_database = False
    options: ClassVar[type[Options]] = DevelopmentOptions

    def measure(self, world: World, options: DevelopmentOptions) -> Evidence:
        """Measure; raises ProbeError for a run that cannot be read and for work of a phase that does not exist."""
        _check_phases(world, options)
        folder = Path(world.rollout.folder)
        past = world.rollout.path(options.runs) if options.runs else world.run.folder.parent
        runs = history.read_history(past, without=world.run.folder)
        no_commits = repository.why_not(folder) or ("" if options.work else NO_WORK)
        measured = [
            *history.of_runs(runs),
            *history.of_tests(runs),
            *history.of_findings(runs),
            *history.of_documentation(runs),
            *([] if no_commits else repository.of_commits(folder, options.work)),
        ]
        missing = _missing(measured, no_commits)
        return Evidence(
            probe=self.name,
            outcome="measured",
            summary=_summary(len(runs), missing),
            measurements=measured,
            details={"tables": [_table(missing)] if missing else []},
        )


def _check_phases(world: World, options: DevelopmentOptions) -> None:
    known = {str(phase.number) for phase in world.rollout.phase}
    unknown = sorted({*options.work} - known)
    if unknown:
        raise ProbeError(f"'work' names phase {unknown[0]}; the rollout has {', '.join(sorted(known))}.")


def _missing(measured: list[Measurement], no_commits: str) -> dict[str, str]:
    """Say for what there is no history; a criterion on it makes the gate HOLD."""
    there = {each.name for each in measured}
    commits = {"commits": no_commits} if no_commits else {}
    return {name: why for name, why in MISSING.items() if name not in there} | commits


def _summary(runs: int, missing: dict[str, str]) -> str:
    without = f"; no history for: {', '.join(missing)}" if missing else ""
    return f"{runs} earlier runs{without}"


def _table(missing: dict[str, str]) -> dict[str, Any]:
    return {
        "title": "Not measured",
        "columns": ["measurement", "why"],
        "rows": [list(item) for item in missing.items()],
    }
