"""A platform that somebody else serves: what is sent there is drawn from a database that is only read."""

from __future__ import annotations

import msgspec

from harness.databases import Database
from harness.errors import UsageError
from harness.evidence import Evidence
from harness.probes.binding import bind
from harness.probes.load.generator import generate
from harness.probes.load.plan import Plan, make_plan
from harness.probes.load.probe import evidence_with, keep_partly, tell
from harness.probes.load.profiles import Profile
from harness.probes.load.reach import Trust
from harness.probes.load.report import Told
from harness.probes.load.results import Results
from harness.probes.load.server import Unwatched
from harness.probes.load.stage import Stage
from harness.probes.world import World


def foreign_plan(world: World, stage: Stage, data: Database, profiles: dict[str, Profile], writes: int = 0) -> Plan:
    """Bind requests to the rows of a database that is only read; raises UsageError and ProbeError."""
    sessions = [actor.name for actor in world.catalog.actor if actor.session]
    if sessions:
        raise UsageError(
            f"Actor {sessions[0]!r} needs sessions, which can only be opened in a release that the harness serves; "
            "give the actor headers instead of a session."
        )
    operations = world.catalog.of(stage.release.name)
    with bind(world.catalog, data) as binder:
        return make_plan(world.catalog, operations, binder, profiles, stage.options.profile, writes)


def measure_host(world: World, stage: Stage, host: str, data: Database, trust: Trust) -> Evidence:
    """Run the profile against a host; what only the server could say is not measured."""
    name = stage.options.profile
    plan = msgspec.structs.replace(foreign_plan(world, stage, data, {name: stage.profile}), host=host, trust=trust)

    def told(results: Results) -> Told:
        return Told(plan, stage.profile, name, results, Unwatched(), host, stage.release.name)

    results, raw = generate(
        plan,
        url=host,
        locustfile=stage.locustfile,
        folder=world.rollout.path("."),
        log=world.log("locust"),
        workers=stage.options.workers,
        progress=tell(world, name),
        partly=lambda results, raw: keep_partly(world, told(results), raw),
    )
    evidence = evidence_with(world, told(results), raw)
    world.run.append(evidence)
    return evidence
