"""``harness gate``: rehearse, measure, judge, report."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, Any

from harness.cli._options import add_command, add_run_options, load_project

if TYPE_CHECKING:
    from harness.rollout import Phase


def register(commands: Any) -> None:
    """Add the subcommand."""
    parser = add_command(commands, "gate", "rehearse, measure and judge a phase", "harness gate 3 --quick")
    parser.add_argument("phase", type=int, metavar="PHASE", help="the number of the phase")
    parser.add_argument(
        "--only",
        nargs="+",
        default=[],
        metavar="PROBE",
        help="run only these probes; the criteria of the others are missing, so the verdict cannot be GO",
    )
    parser.add_argument("--under-load", action="store_true", help="apply the migrations while users work, too")
    add_run_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the gate and return the exit code of its verdict."""
    from harness.cli._consumers import consumers
    from harness.cli._session import measure
    from harness.events import Judged
    from harness.gate.baseline import baseline_path, read_baseline
    from harness.gate.check import check, check_operations
    from harness.gate.judge import judge
    from harness.gate.verdict import write_verdict
    from harness.provenance import today
    from harness.reporting.write import write_reports

    project = load_project(arguments)
    phase = project.rollout.find_phase(arguments.phase)
    if arguments.under_load:
        phase = _under_load(phase)
    check(project.rollout, phase)
    check_operations(project.rollout, project.catalog)
    baseline = read_baseline(baseline_path(project.folder, phase.number))
    with consumers(arguments.events) as emit:
        made, evidence, provenance = measure(project, phase, arguments.only or phase.probes, arguments, emit)
        verdict = judge(project.rollout, phase, evidence, baseline, provenance, today())
        write_verdict(verdict, made.folder / "verdict.json")
        emit(Judged(verdict.forward, verdict.way_back))
    write_reports(made)
    made.publish()
    _show(arguments.format, verdict, evidence, os.path.relpath(made.folder))
    return verdict.exit_code


def _under_load(phase: Phase) -> Phase:
    """Add the probe to a phase that does not list it, with criteria of its own."""
    import msgspec

    from harness.probes.load import UnderLoad
    from harness.rollout import Criterion, ProbeEntry

    if UnderLoad.name in phase.probes:
        return phase
    errors = Criterion(measure="errors", require="== 0", why="users see errors while the migrations run")
    stall = Criterion(measure="longest stall", require="<= 1000", why="users wait for the migrations")
    entry = ProbeEntry(name=UnderLoad.name, criteria=[errors, stall])
    return msgspec.structs.replace(phase, probe=[*phase.probe, entry])


def _show(form: str, verdict: Any, evidence: Any, folder: str) -> None:
    from rich.console import Console

    from harness.reporting.terminal import show

    if form == "json":
        with open(os.path.join(folder, "verdict.json"), encoding="utf-8") as file:
            sys.stdout.write(file.read())
    else:
        show(verdict, evidence, os.path.join(folder, "report.html"), Console())
