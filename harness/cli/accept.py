"""``harness accept``: make the evidence of a run the baseline of its phase."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from harness.cli._options import add_command, runs_folder


def register(commands: Any) -> None:
    """Add the subcommand."""
    parser = add_command(
        commands,
        "accept",
        "make the evidence of a run the baseline of its phase",
        "harness accept latest --by Ada",
    )
    parser.add_argument("name", metavar="RUN", help="the run's name or folder, or 'latest'")
    parser.add_argument("--by", required=True, metavar="NAME", help="who accepts it and answers for it")
    parser.add_argument(
        "--despite", default="", metavar="REASON", help="why it may be accepted despite a NO-GO or an unclear commit"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write the baseline."""
    from harness.errors import UsageError
    from harness.gate.accept import accept
    from harness.gate.baseline import baseline_path, write_baseline
    from harness.gate.verdict import read_verdict
    from harness.runs import Run

    if not arguments.by.strip():
        raise UsageError("--by is empty; name the person who accepts the run.")
    found = Run.find(runs_folder(arguments), arguments.name)
    verdict = read_verdict(found.folder / "verdict.json")
    baseline = accept(
        verdict, list(found.evidence()), run=found.folder.name, by=arguments.by.strip(), despite=arguments.despite
    )
    path = baseline_path(Path(arguments.project), verdict.phase)
    write_baseline(baseline, path)
    if arguments.format == "json":
        sys.stdout.write(path.read_text(encoding="utf-8"))
    else:
        sys.stdout.write(
            f"{baseline.run} is the baseline of phase {baseline.phase}, accepted by {baseline.accepted_by}; "
            f"commit {os.path.relpath(path)}.\n"
        )
    return 0
