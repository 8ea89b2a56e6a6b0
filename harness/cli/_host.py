"""``harness load --host``: load for a platform that somebody else serves, after a confirmation."""

from __future__ import annotations

import argparse
import sys
from urllib.parse import urlsplit

from harness.cli._load_report import reported
from harness.cli._options import Project
from harness.databases.url import read_only
from harness.errors import UsageError
from harness.evidence import Evidence
from harness.probes.load import Load
from harness.probes.load.foreign import measure_host
from harness.probes.load.profiles import Profile
from harness.probes.load.report import levels
from harness.probes.load.stage import Stage
from harness.rollout import Phase
from harness.runs import Run

LOOPBACK = ("localhost", "127.0.0.1", "::1")


def confirm(host: str, profile: Profile, *, yes: bool) -> None:
    """Ask before anything is sent to another machine; raises UsageError where nobody agrees."""
    parts = urlsplit(host)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"The host {host!r} cannot be read; write it as https://staging.example.")
    if parts.username or parts.password:
        raise UsageError("Credentials in --host would reach the report; give them to the actors as headers.")
    if parts.hostname in LOOPBACK or yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(f"{parts.hostname} is not this machine; confirm with --yes that it may be put under load.")
    sys.stderr.write(f"This sends {levels(profile)} to {parts.hostname}, writes included. Type the name to go on: ")
    sys.stderr.flush()
    if sys.stdin.readline().strip() != parts.hostname:
        raise UsageError("Nothing was sent: the name was not confirmed.")


def load_host(project: Project, phase: Phase, profile: Profile, arguments: argparse.Namespace) -> tuple[Evidence, Run]:
    """Confirm, bind to the rows of --data, send, and return the evidence and its run."""
    confirm(arguments.host, profile, yes=arguments.yes)
    if not arguments.data:
        raise UsageError("Name the database that the host uses with --data postgresql://...; it is only read.")
    data = read_only(arguments.data)
    with reported(project, phase, arguments) as world:
        stage = Stage(world, Load().read_options(phase.entry("load").options, "the options of the load"))
        return measure_host(world, stage, arguments.host.rstrip("/"), data), world.run
