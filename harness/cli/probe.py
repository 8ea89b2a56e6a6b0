"""``harness probe``: run single probes of a phase, without judging."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from harness.cli._options import add_command, add_run_options, load_project
from harness.errors import HarnessError, UsageError

if TYPE_CHECKING:
    from harness.evidence import Evidence


def register(commands: Any) -> None:
    """Add the subcommand."""
    parser = add_command(
        commands, "probe", "run single probes of a phase and show their evidence", "harness probe migrations --phase 3"
    )
    parser.add_argument("name", nargs="*", metavar="NAME", help="the names of the probes")
    parser.add_argument("--phase", type=int, metavar="PHASE", help="the number of the phase (default: the only one)")
    parser.add_argument("--list", action="store_true", help="list the probes and what they measure, and end")
    add_run_options(parser)
    parser.set_defaults(run=run, named="name")


def run(arguments: argparse.Namespace) -> int:
    """Run the probes; 0 where all of them measured or were skipped for a reason, 4 where one failed."""
    if arguments.list:
        return _list(arguments.format)
    if not arguments.name:
        raise UsageError("Name at least one probe; 'harness probe --list' shows them.")
    evidence = _measure(arguments)
    _show(evidence, arguments.format)
    return HarnessError.exit_code if any(each.outcome == "error" for each in evidence) else 0


def _measure(arguments: argparse.Namespace) -> list[Evidence]:
    from harness.cli._consumers import consumers
    from harness.cli._session import measure

    project = load_project(arguments)
    numbers = [phase.number for phase in project.rollout.phase]
    if arguments.phase is None and len(numbers) > 1:
        raise UsageError(f"Name the phase with --phase; there are {', '.join(map(str, numbers))}.")
    phase = project.rollout.find_phase(numbers[0] if arguments.phase is None else arguments.phase)
    with consumers(arguments.events) as emit:
        return measure(project, phase, arguments.name, arguments, emit)[1]


def _show(evidence: Sequence[Evidence], form: str) -> None:
    import msgspec

    from harness.gate.words import amount, place

    for each in evidence:
        if form == "json":
            sys.stdout.write(msgspec.json.encode(each).decode() + "\n")
            continue
        words = each.summary if each.outcome == "measured" else each.reason
        sys.stdout.write(f"{each.probe}: {each.outcome} in {each.seconds:.1f} s. {words}\n")
        for measured in each.measurements:
            subject = f" ({measured.about})" if measured.about else ""
            sys.stdout.write(f"    {measured.name}{subject}: {amount(measured.value, measured.unit)}\n")
        for finding in each.findings:
            sys.stdout.write(f"  - {finding.severity} {finding.code} {place(finding)}: {finding.why}\n")
        for doubt in each.unsound:
            sys.stdout.write(f"  - unsound: {doubt}\n")


def _list(form: str) -> int:
    import msgspec

    from harness.probes.probe import registry

    probes = registry().values()
    if form == "json":
        listed = [{"name": each.name, "title": each.title, "measures": each.measures} for each in probes]
        sys.stdout.write(msgspec.json.encode(listed).decode() + "\n")
        return 0
    for probe in probes:
        sys.stdout.write(f"{probe.name:<12} {probe.title}\n")
        for name, meaning in probe.measures.items():
            sys.stdout.write(f"    {name}: {meaning}\n")
    return 0
