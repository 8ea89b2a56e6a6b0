"""``harness report``: render a run again, from its two files alone."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from harness.cli._options import add_command, runs_folder

if TYPE_CHECKING:
    from harness.gate.verdict import Changes


def register(commands: Any) -> None:
    """Add the subcommand."""
    parser = add_command(commands, "report", "render the reports of a run again", "harness report latest")
    parser.add_argument("name", nargs="?", default="latest", metavar="RUN", help="its name or folder (default: latest)")
    parser.add_argument("--compare", default="", metavar="RUN", help="show instead what changed since that run")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Render the reports and print the table; the exit code tells whether that worked, it is not the verdict's."""
    from harness.reporting.write import write_reports
    from harness.runs import Run

    runs = runs_folder(arguments)
    found = Run.find(runs, arguments.name)
    other = Run.find(runs, arguments.compare) if arguments.compare else None
    verdict, evidence = write_reports(found)
    if other:
        from harness.gate.changes import compare

        changes = compare(evidence, list(other.evidence()))
        _show_changes(changes, other.folder.name, arguments.format)
    elif arguments.format == "json":
        sys.stdout.write((found.folder / "verdict.json").read_text(encoding="utf-8"))
    else:
        from rich.console import Console

        from harness.reporting.terminal import show

        show(verdict, evidence, os.path.relpath(found.folder / "report.html"), Console())
    return 0


def _show_changes(changes: Sequence[Changes], since: str, form: str) -> None:
    import msgspec

    from harness.gate.words import amount, place

    if form == "json":
        sys.stdout.write(msgspec.json.encode(changes).decode() + "\n")
        return
    sys.stdout.write(f"Since {since}:\n")
    for each in changes:
        counts = f"{len(each.new)} new, {len(each.fixed)} fixed, {len(each.still)} still there"
        sys.stdout.write(f"{each.probe}: findings {counts}\n")
        for finding in each.fixed:
            sys.stdout.write(f"    fixed: {finding.code} {place(finding)}\n")
        for moved in each.numbers:
            subject = f" ({moved.subject})" if moved.subject else ""
            before, after = amount(moved.before, moved.unit), amount(moved.now, moved.unit)
            sys.stdout.write(f"    {moved.measure}{subject}: {before} -> {after}\n")
