"""Locust's page on the served platform, for people who test by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from harness.databases import Database
from harness.probes.load.foreign import foreign_plan
from harness.probes.load.generator import show_page, write_plan
from harness.probes.load.plan import Plan
from harness.probes.load.probe import Load, evidence_with
from harness.probes.load.profiles import FREE, read_profiles
from harness.probes.load.reach import Trust
from harness.probes.load.report import Told
from harness.probes.load.results import Results
from harness.probes.load.server import Unwatched, Watch, watch
from harness.probes.load.stage import PAGE_WRITES, Stage, find_file
from harness.probes.world import World
from harness.temporary import temporary_folder


def open_page(world: World, options: dict[str, Any], *, port: int, tell: Callable[[str], None]) -> None:
    """Serve the platform and open Locust's page on it until it is interrupted; `tell` receives the page's address.

    The evidence of the last run on the page, if there was one, is added to the run's folder.
    """
    stage = Stage(world, Load().read_options(options, "the options of the load"))
    with stage.open_all() as (plan, served, database), watch(served, database) as server:
        show_plan(world, stage, plan, server, served.server, port=port, tell=tell)


def open_host_page(
    world: World,
    options: dict[str, Any],
    host: str,
    data: Database,
    trust: Trust,
    *,
    port: int,
    tell: Callable[[str], None],
) -> None:
    """The same on a platform that somebody else serves, whose database is only read."""
    stage = Stage(world, Load().read_options(options, "the options of the load"))
    profiles = read_profiles(find_file(world.rollout, stage.options.profiles), quick=world.quick)
    plan = foreign_plan(world, stage, data, profiles, writes=PAGE_WRITES)
    plan = msgspec.structs.replace(plan, profile="", host=host, trust=trust)
    show_plan(world, stage, plan, Unwatched(), host, port=port, tell=tell)


def show_plan(
    world: World, stage: Stage, plan: Plan, server: Watch, software: str, *, port: int, tell: Callable[[str], None]
) -> None:
    """Show the page for a plan, and add the evidence of its last run to the run's folder."""

    def keep(results: Results, raw: bytes) -> None:
        profile = plan.profiles.get(results.profile, FREE)
        told = Told(plan, profile, results.profile or "none", results, server, software, stage.release.name)
        world.run.append(evidence_with(world, told, raw))

    show_page(
        plan,
        url=plan.host,
        locustfile=stage.locustfile,
        folder=world.rollout.path("."),
        log=world.log("locust"),
        port=port,
        tell=tell,
        workers=stage.options.workers,
        progress=lambda gone, *_: server.follow(gone),
        last=keep,
    )


def serve_plan(
    world: World, options: dict[str, Any], trust: Trust, *, tell: Callable[[Path], None], wait: Callable[[], Any]
) -> None:
    """Serve the platform for a Locust that somebody else started, until `wait` returns; `tell` receives the plan.

    `trust` is for another host, whose address is typed on the page.
    """
    stage = Stage(world, Load().read_options(options, "the options of the load"))
    with stage.open_all() as (plan, _, _), temporary_folder("load") as temporary:
        tell(write_plan(msgspec.structs.replace(plan, trust=trust), Path(temporary)))
        wait()
