"""The report of a load run: what ``harness load`` leaves in the run's folder, also when it is interrupted."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager

import msgspec

from harness.cli._consumers import consumers
from harness.cli._options import Project
from harness.cli._session import finished
from harness.errors import HarnessError
from harness.evidence import Evidence, Provenance
from harness.gate.judge import judge
from harness.gate.verdict import Forward, write_verdict
from harness.probes.world import World
from harness.provenance import describe, today
from harness.reporting.write import write_reports
from harness.rollout import Criterion, Phase
from harness.runs import Run

LIMITS = [
    Criterion(measure="broken thresholds", require="== 0", why="the profile asks for these limits"),
    Criterion(measure="findings", require="none", why="users see errors"),
]
CODES: dict[Forward, int] = {"GO": 0, "NO-GO": 1, "HOLD": 3}
NEXT: dict[Forward, str] = {
    "GO": "Every limit of the profile was kept. Whether the phase may go forward is for 'harness gate' to say.",
    "NO-GO": "Mend what broke a limit, then run the profile again.",
    "HOLD": "The figures cannot be believed: remove the reason, then run the profile again.",
}
PARTIAL = "Run the profile again, to its end: this report is partial."


def conclude(evidence: Sequence[Evidence]) -> tuple[Forward, list[str]]:
    """Return what the profile's own limits make of a run, and why."""
    if not evidence:
        return "HOLD", ["nothing was measured"]
    [found] = evidence
    broken = [each.why for each in found.findings if each.severity == "high"]
    if broken:
        return "NO-GO", broken
    if found.unsound or found.outcome != "measured":
        return "HOLD", found.unsound or [found.reason]
    return "GO", []


def exit_code(evidence: Evidence) -> int:
    """Return the exit code of a run; 4 where nothing could be measured."""
    return HarnessError.exit_code if evidence.outcome == "error" else CODES[conclude([evidence])[0]]


def report(project: Project, phase: Phase, run: Run, provenance: Provenance, *, interrupted: bool = False) -> str:
    """Write verdict and reports into the run's folder, and return the path of the one for people.

    An interrupted run is never GO and never NO-GO: it says HOLD, and that it is partial.
    """
    evidence = list(run.evidence())
    forward, reasons = conclude(evidence)
    if interrupted:
        when = f"after {evidence[0].seconds:.0f} s, so this report is partial" if evidence else "before it began"
        forward, reasons = "HOLD", [f"interrupted {when}", *reasons]
    entry = msgspec.structs.replace(phase.entry("load"), criteria=LIMITS)
    asked = msgspec.structs.replace(phase, probe=[entry])
    verdict = msgspec.structs.replace(
        judge(project.rollout, asked, evidence, None, provenance, today()),
        forward=forward,
        reasons=[f"load: {each}" for each in reasons],
        next_action=PARTIAL if interrupted else NEXT[forward],
    )
    write_verdict(verdict, run.folder / "verdict.json")
    write_reports(run)
    return os.path.relpath(run.folder / "report.html")


def report_cut(project: Project, phase: Phase, run: Run, provenance: Provenance) -> None:
    """Report an interrupted run, and say on stderr where."""
    path = report(project, phase, run, provenance, interrupted=True)
    sys.stderr.write(f"What was measured until then is in {path}, marked as partial.\n")


def report_page(project: Project, phase: Phase, run: Run, provenance: Provenance) -> None:
    """Report the last run on Locust's page, where there was one; only one that was stopped by hand is partial."""
    evidence = list(run.evidence())
    if evidence:
        partial = any(each.startswith("it was ended early") for each in evidence[0].unsound)
        path = report(project, phase, run, provenance, interrupted=partial)
        sys.stderr.write(f"The last run is in {path}{', marked as partial' if partial else ''}.\n")


@contextmanager
def opened(project: Project, phase: Phase, arguments: argparse.Namespace) -> Iterator[World]:
    """Open a world in a new run's folder; at the end what it started is stopped."""
    run = Run.create(project.runs, phase.number)
    with consumers(arguments.events) as emit:
        world = World(
            project.rollout, phase, project.catalog, run, database=arguments.database, quick=arguments.quick, emit=emit
        )
        with closing(world):
            yield world


@contextmanager
def reported(
    project: Project, phase: Phase, arguments: argparse.Namespace, cut: Callable[..., None] = report_cut
) -> Iterator[World]:
    """The same for a load, of which what its run's folder holds is reported; `cut` does it after an interruption."""
    provenance = describe(project.rollout, ["harness", *sys.argv[1:]], quick=arguments.quick)
    with opened(project, phase, arguments) as world:
        try:
            yield world
        except KeyboardInterrupt:
            cut(project, phase, world.run, finished(provenance, world))
            raise
        report(project, phase, world.run, finished(provenance, world))
