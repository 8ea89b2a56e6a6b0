"""``harness load --host``: load for a platform that somebody else serves, after a confirmation."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from harness.cli._load_report import report_page, reported
from harness.cli._options import Project
from harness.databases import Database
from harness.databases.url import read_only
from harness.errors import UsageError
from harness.evidence import Evidence
from harness.probes.load import Load
from harness.probes.load.foreign import measure_host
from harness.probes.load.page import open_host_page
from harness.probes.load.profiles import Profile
from harness.probes.load.reach import Trust, check_trust, reach
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
    data = _agreed(profile, arguments)
    with reported(project, phase, arguments) as world:
        stage = Stage(world, Load().read_options(phase.entry("load").options, "the options of the load"))
        return measure_host(world, stage, arguments.host.rstrip("/"), data, trust_of(arguments)), world.run


def page_host(
    project: Project, phase: Phase, profile: Profile, arguments: argparse.Namespace, tell: Callable[[str], None]
) -> None:
    """Confirm, bind to the rows of --data, and open Locust's page on the host."""
    data = _agreed(profile, arguments)
    options, host = phase.entry("load").options, arguments.host.rstrip("/")
    with reported(project, phase, arguments, report_page) as world:
        open_host_page(world, options, host, data, trust_of(arguments), port=arguments.port, tell=tell)


def _agreed(profile: Profile, arguments: argparse.Namespace) -> Database:
    """Return the database of a host that may be put under load; raises UsageError and DatabaseError."""
    confirm(arguments.host, profile, yes=arguments.yes)
    if not arguments.data:
        raise UsageError("Name the database that the host uses with --data postgresql://...; it is only read.")
    database = read_only(arguments.data)
    reach(arguments.host, trust_of(arguments))
    return database


def trust_of(arguments: argparse.Namespace) -> Trust:
    """Return whose certificates are believed; raises UsageError where that cannot be meant."""
    path = str(Path(arguments.ca_file).resolve()) if arguments.ca_file else ""
    trust = Trust(ca_file=path, insecure=arguments.insecure)
    check_trust(trust, arguments.host)
    return trust
