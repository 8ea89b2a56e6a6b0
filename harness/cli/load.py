"""``harness load``: run a load profile, or open Locust's page on the served platform."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from harness.cli._options import add_bare_options, add_command, add_run_options, any_project
from harness.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from harness.cli._options import Project
    from harness.evidence import Evidence
    from harness.probes.load.profiles import Profile
    from harness.rollout import Phase
    from harness.runs import Run


def register(commands: Any) -> None:
    """Add the subcommand."""
    parser = add_command(commands, "load", "send what users do to the served platform", "harness load smoke --phase 3")
    parser.add_argument("profile", metavar="PROFILE", help="a profile of loadtests/profiles.toml")
    parser.add_argument("--phase", type=int, metavar="PHASE", help="the number of the phase (default: the only one)")
    parser.add_argument("--release", default="", metavar="NAME", help="serve this release (default: the phase's)")
    parser.add_argument("--ui", action="store_true", help="open Locust's page, with all profiles, instead of starting")
    parser.add_argument("--port", type=int, default=8089, metavar="PORT", help="the page's port (default: 8089)")
    parser.add_argument("--workers", type=int, metavar="N", help="send with a master and N processes (default: one)")
    parser.add_argument(
        "--serve", action="store_true", help="serve only, for a Locust started by hand; ends with stdin"
    )
    parser.add_argument("--host", default="", metavar="URL", help="send to this host instead of serving the platform")
    parser.add_argument("--data", default="", metavar="URL", help="with --host: the database it uses, only read")
    parser.add_argument("--yes", action="store_true", help="with --host: it may be put under load, do not ask")
    parser.add_argument(
        "--ca-file", default="", metavar="FILE", help="believe only this authority's certificates (PEM)"
    )
    parser.add_argument("--insecure", action="store_true", help="do not check the certificate of an https:// host")
    parser.add_argument("--compare", action="store_true", help="compare the candidate release with the baseline")
    parser.add_argument(
        "--against", default="", metavar="NAME", help="compare with this release (default: the baseline)"
    )
    add_bare_options(parser)
    add_run_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the profile: 0 where its limits are kept, 1 where one is broken, 3 where the figures cannot be believed."""
    from harness.cli.probe import _show

    _check(arguments)
    if arguments.ui:
        from harness.probes.load.generator import check_port

        check_port(arguments.port)
    project = any_project(arguments, "load")
    phase = _phase(project, arguments)
    profile = _profile(project, phase, arguments)
    if arguments.ui and arguments.host:
        from harness.cli._host import page_host

        page_host(project, phase, profile, arguments, _tell_page)
        return 0
    if arguments.ui or arguments.serve:
        return _open(project, phase, arguments)
    if arguments.compare:
        return _compare(project, phase, arguments)
    if profile.search:
        from harness.cli._breakpoint import find_breakpoint

        return find_breakpoint(project, phase, profile.search, arguments)
    if arguments.host:
        from harness.cli._host import load_host

        evidence, made = load_host(project, phase, profile, arguments)
    else:
        evidence, made = _measure(project, phase, arguments)
    _show([_short(evidence) if arguments.format == "text" else evidence], arguments.format)
    return _tell(evidence, made, arguments.format)


def _check(arguments: argparse.Namespace) -> None:
    """Refuse options that cannot be followed together, or would be ignored; raises UsageError."""
    if arguments.workers is not None and arguments.workers < 1:
        raise UsageError(f"--workers {arguments.workers} sends nothing; name at least 1, or leave it out.")
    if arguments.against and not arguments.compare:
        raise UsageError("--against names what --compare compares with; add --compare.")
    if (arguments.ca_file or arguments.insecure) and not (arguments.host or arguments.serve):
        raise UsageError("--ca-file and --insecure are about the certificate of a host; add --host.")
    if arguments.compare and arguments.workers:
        raise UsageError("--compare sends with one user; leave out --workers.")
    exclusive = [name for name in ("ui", "serve", "compare") if getattr(arguments, name)]
    if arguments.host:
        exclusive += [name for name in exclusive if name != "ui"] and ["host"]
    if len(exclusive) > 1:
        raise UsageError(f"{' and '.join(f'--{name}' for name in exclusive)} exclude each other; choose one.")


def _measure(project: Project, phase: Phase, arguments: argparse.Namespace) -> tuple[Evidence, Run]:
    from functools import partial

    from harness.cli._consumers import consumers
    from harness.cli._load_report import report, report_cut
    from harness.cli._session import measure

    with consumers(arguments.events) as emit:
        cut = partial(report_cut, project, phase)
        made, evidence, provenance = measure(project, phase, ["load"], arguments, emit, cut=cut)
    report(project, phase, made, provenance)
    return evidence[-1], made


def _short(evidence: Evidence) -> Evidence:
    """Leave out the figures of single operations but the 95th percentile, which is what one looks at first."""
    import msgspec

    kept = [each for each in evidence.measurements if not each.about or each.name == "operation p95"]
    return msgspec.structs.replace(evidence, measurements=kept)


def _tell(evidence: Evidence, made: Run, form: str) -> int:
    """Say what the profile's own limits make of the evidence and where the report is; return the exit code."""
    import os

    from harness.cli._load_report import conclude, exit_code

    if form == "text" and evidence.outcome != "error":
        verdict, reasons = conclude([evidence])
        sys.stdout.write(f"{verdict}: {'; '.join(reasons or ['every limit of the profile was kept'])}.\n")
    if form == "text":
        sys.stdout.write(f"Report: {os.path.relpath(made.folder / 'report.html')}\n")
    return exit_code(evidence)


def find_phase(project: Project, number: int | None) -> Phase:
    """Return the phase of that number, without one the only phase; raises UsageError."""
    numbers = [phase.number for phase in project.rollout.phase]
    if number is None and len(numbers) > 1:
        raise UsageError(f"Name the phase with --phase; there are {', '.join(map(str, numbers))}.")
    return project.rollout.find_phase(numbers[0] if number is None else number)


def _profile(project: Project, phase: Phase, arguments: argparse.Namespace) -> Profile:
    from harness.probes.load import Load
    from harness.probes.load.profiles import check_operations, read_profile
    from harness.probes.load.stage import find_file

    options = Load().read_options(phase.entry("load").options, "the options of the load")
    path = find_file(project.rollout, options.profiles)
    profile = read_profile(path, arguments.profile, quick=arguments.quick)
    check_operations(profile, arguments.profile, [each.name for each in project.catalog.operation], path)
    if profile.search and arguments.host:
        raise UsageError(f"Profile {arguments.profile!r} needs a fresh server for each rate: leave out --host.")
    return profile


def _compare(project: Project, phase: Phase, arguments: argparse.Namespace) -> int:
    from harness.cli._compare import NOISE, Side, measure_side, show
    from harness.gate.comparison import QUICK_ROUNDS, ROUNDS, read_floor
    from harness.provenance import machine
    from harness.reporting.comparison import Comparison

    rollout = project.rollout
    side = Side(
        rollout.find_release(arguments.against or rollout.source.release),
        rollout.find_release(arguments.release or phase.candidate or phase.serves),
    )
    if side.baseline.name == side.candidate.name:
        known = f"Phase {phase.number} has no other release than {side.baseline.name!r} to compare"
        raise UsageError(f"{known}; name one with --release.")
    floor, words = read_floor(project.folder / "reports" / NOISE, machine())
    schedule = QUICK_ROUNDS if arguments.quick else ROUNDS
    measured = measure_side(project, phase, side, arguments, schedule, floor)
    comparison = Comparison(
        baseline=side.baseline.name,
        candidate=side.candidate.name,
        noise=words,
        floor=floor,
        compared=measured.compared,
        rounds=measured.rounds,
        provenance=measured.provenance,
    )
    return show(measured.run, comparison, arguments.format)


def _phase(project: Project, arguments: argparse.Namespace) -> Phase:
    """Return the phase, with the options of the command line for its load."""
    import msgspec

    from harness.probes.load import Load
    from harness.rollout import ProbeEntry

    phase = find_phase(project, arguments.phase)
    options = {**phase.entry("load").options, "profile": arguments.profile}
    if arguments.release:
        options["release"] = arguments.release
    if arguments.workers:
        options["workers"] = arguments.workers
    Load().read_options(options, "the options of the load")
    others = [entry for entry in phase.probe if entry.name != "load"]
    return msgspec.structs.replace(phase, probe=[*others, ProbeEntry(name="load", options=options)])


def _open(project: Project, phase: Phase, arguments: argparse.Namespace) -> int:
    """Serve the platform, with Locust's page on it or for a Locust that somebody started by hand."""
    from harness.cli._host import trust_of
    from harness.cli._load_report import opened, report_page, reported
    from harness.probes.load.page import open_page, serve_plan

    options = phase.entry("load").options
    if arguments.serve:
        with opened(project, phase, arguments) as world:
            serve_plan(world, options, trust_of(arguments), tell=_tell_plan, wait=sys.stdin.read)
    else:
        with reported(project, phase, arguments, report_page) as world:
            open_page(world, options, port=arguments.port, tell=_tell_page)
    return 0


def _tell_page(url: str) -> None:
    sys.stderr.write(f"Locust's page: {url}    its Gate: {url}/gate    Ctrl-C stops it and the platform.\n")


def _tell_plan(path: Path) -> None:
    sys.stdout.write(f"{path}\n")
    sys.stdout.flush()
