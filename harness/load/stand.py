"""Serves the platform for somebody who started Locust by hand: the harness does it, as long as Locust runs."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import msgspec
from locust.env import Environment

from harness.errors import ConfigurationError
from harness.load.attend import listen
from harness.operations import read_operations
from harness.probes.load.plan import ANYBODY, Plan, Sendable
from harness.probes.load.profiles import read_profiles
from harness.probes.load.stage import PROFILES, find_file
from harness.rollout import read_rollout

PLAN = "HARNESS_LOAD_PLAN"
OPTIONS = "HARNESS_LOAD_OPTIONS"


def read_plan(project: Path) -> Plan:
    """Return the plan that the environment names, else one of the project's files that has no request yet."""
    path = os.environ.get(PLAN, "")
    if path:
        return msgspec.json.decode(Path(path).read_bytes(), type=Plan)
    rollout = read_rollout(project / "rollout.toml")
    catalog = read_operations(rollout.path(rollout.operations))
    operations = [
        Sendable(name=each.name, actor=each.actor or ANYBODY, weight=each.weight, writes=each.writes, first=0, count=0)
        for each in catalog.operation
        if each.weight > 0
    ]
    profiles = read_profiles(find_file(rollout, PROFILES), quick=False)
    return Plan(requests=[], operations=operations, people={}, think={}, profiles=profiles)


def stand(environment: Environment, project: Path, profile: str) -> Plan:
    """Serve the platform until Locust ends, and return the plan; Locust's host becomes the platform's address."""
    command = [sys.executable, "-m", "harness", "load", profile, "--serve", *_options(project)]
    sys.stderr.write("Seeding and serving the platform for this page; it takes a few seconds ...\n")
    child = subprocess.Popen(
        command, cwd=project, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )

    def leave(**_: object) -> None:
        if child.stdin and not child.stdin.closed:
            child.stdin.close()
        child.wait(30)

    listen(environment.events.quitting, leave)
    line = child.stdout.readline().strip() if child.stdout else ""
    if not line:
        leave()
        raise SystemExit("The platform could not be served; what is said above tells why.")
    plan = msgspec.json.decode(Path(line).read_bytes(), type=Plan)
    environment.host = plan.host
    return plan


def _options(project: Path) -> list[str]:
    """Return the phase that lists a load first, unless the variable says something else."""
    if os.environ.get(OPTIONS):
        return shlex.split(os.environ[OPTIONS])
    for phase in read_rollout(project / "rollout.toml").phase:
        if "load" in phase.probes:
            return ["--phase", str(phase.number)]
    raise ConfigurationError(
        f"No phase of {project / 'rollout.toml'} lists the probe 'load'; add it, or set {OPTIONS}."
    )
