"""``harness calibrate``: measure how far a release seems to differ from itself on this machine."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from harness.cli._options import add_command, add_run_options, load_project


def register(commands: Any) -> None:
    """Add the subcommand."""
    parser = add_command(
        commands, "calibrate", "measure the noise of this machine, for comparisons", "harness calibrate --phase 3"
    )
    parser.add_argument("--phase", type=int, metavar="PHASE", help="the number of the phase (default: the only one)")
    parser.add_argument("--rounds", type=int, default=32, metavar="N", help="rounds to go (default: 32)")
    add_run_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Compare the serving release with itself and write the noise to reports/noise.json; 3 where it is not known."""
    import msgspec

    from harness.cli._compare import NOISE, Side, measure_side
    from harness.cli.load import find_phase
    from harness.errors import UsageError
    from harness.gate.comparison import MOST, ROUNDS, noise_of
    from harness.provenance import machine, now

    if arguments.rounds < ROUNDS[0]:
        raise UsageError(f"--rounds {arguments.rounds} is too few; {ROUNDS[0]} are needed, 32 are the default.")
    project = load_project(arguments)
    phase = find_phase(project, arguments.phase)
    release = project.rollout.find_release(phase.serves)
    schedule = (arguments.rounds,)
    _, compared, found, _ = measure_side(project, phase, Side(release, release), arguments, schedule, 0.0)
    noise = noise_of(compared, now(), machine())
    doubts = [f"{name}: {each.failed} answers had an unexpected status" for name, each in found.items() if each.failed]
    doubts += [f"{each.operation}: {each.reason}" for each in compared if each.ratio.rounds < ROUNDS[0]]
    if noise.floor >= MOST:
        doubts.append(f"this machine is too noisy: {release.name} differs from itself by {100 * noise.floor:.0f} %")
    if doubts:
        sys.stdout.write(f"HOLD: the noise was not written; {'; '.join(doubts)}.\n")
        return 3
    path = project.folder / "reports" / NOISE
    path.write_bytes(msgspec.json.format(msgspec.json.encode(noise), indent=2) + b"\n")
    if arguments.format == "json":
        sys.stdout.write(msgspec.json.encode(noise).decode() + "\n")
    else:
        worst = max(noise.operations, key=lambda name: noise.operations[name])
        said = f"{release.name} differs from itself by up to {100 * noise.floor:.1f} % ({worst})"
        sys.stdout.write(f"{said} in {noise.rounds} rounds; written to {path}\n")
    return 0
