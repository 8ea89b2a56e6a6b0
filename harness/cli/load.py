"""``harness load``: run a load profile, or open Locust's page on the served platform."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from harness.cli._options import add_command, add_run_options, load_project
from harness.errors import HarnessError, UsageError

if TYPE_CHECKING:
    from harness.cli._options import Project
    from harness.rollout import Phase


def register(commands: Any) -> None:
    """Add the subcommand."""
    parser = add_command(commands, "load", "send what users do to the served platform", "harness load smoke --phase 3")
    parser.add_argument("profile", metavar="PROFILE", help="a profile of loadtests/profiles.toml")
    parser.add_argument("--phase", type=int, metavar="PHASE", help="the number of the phase (default: the only one)")
    parser.add_argument("--release", default="", metavar="NAME", help="serve this release (default: the phase's)")
    parser.add_argument("--ui", action="store_true", help="open Locust's page instead of starting at once")
    parser.add_argument("--port", type=int, default=8089, metavar="PORT", help="the page's port (default: 8089)")
    add_run_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the profile without judging it; 0 where it was measured, 4 where it could not be."""
    from harness.cli.probe import _show

    project = load_project(arguments)
    phase = _phase(project, arguments)
    if arguments.ui:
        return _open_page(project, phase, arguments)
    from harness.cli._consumers import consumers
    from harness.cli._session import measure

    with consumers(arguments.events) as emit:
        evidence = measure(project, phase, ["load"], arguments, emit)[1]
    _show(evidence, arguments.format)
    return HarnessError.exit_code if evidence[-1].outcome == "error" else 0


def _phase(project: Project, arguments: argparse.Namespace) -> Phase:
    """Return the phase, with the options of the command line for its load."""
    import msgspec

    from harness.probes.load import Load
    from harness.probes.load.profiles import read_profile
    from harness.rollout import ProbeEntry

    numbers = [phase.number for phase in project.rollout.phase]
    if arguments.phase is None and len(numbers) > 1:
        raise UsageError(f"Name the phase with --phase; there are {', '.join(map(str, numbers))}.")
    phase = project.rollout.find_phase(numbers[0] if arguments.phase is None else arguments.phase)
    options = {**phase.entry("load").options, "profile": arguments.profile}
    if arguments.release:
        options["release"] = arguments.release
    checked = Load().read_options(options, "the options of the load")
    read_profile(project.rollout.path(checked.profiles), arguments.profile, quick=arguments.quick)
    others = [entry for entry in phase.probe if entry.name != "load"]
    return msgspec.structs.replace(phase, probe=[*others, ProbeEntry(name="load", options=options)])


def _open_page(project: Project, phase: Phase, arguments: argparse.Namespace) -> int:
    from contextlib import closing

    from harness.cli._consumers import consumers
    from harness.probes.load.page import open_page
    from harness.probes.world import World
    from harness.runs import Run

    def tell(url: str) -> None:
        sys.stderr.write(f"Locust's page: {url}    Ctrl-C stops it and the platform.\n")

    with consumers(arguments.events) as emit:
        world = World(
            project.rollout,
            phase,
            project.catalog,
            Run.create(project.runs, phase.number),
            database=arguments.database,
            quick=arguments.quick,
            emit=emit,
        )
        with closing(world):
            open_page(world, phase.entry("load").options, port=arguments.port, tell=tell)
    return 0
