"""Locust's page on the served platform, for people who test by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.probes.load.generator import show_page, write_plan
from harness.probes.load.probe import Load, evidence_with
from harness.probes.load.profiles import FREE
from harness.probes.load.report import Told
from harness.probes.load.results import Results
from harness.probes.load.server import watch
from harness.probes.load.stage import Stage
from harness.probes.world import World
from harness.temporary import temporary_folder


def open_page(world: World, options: dict[str, Any], *, port: int, tell: Callable[[str], None]) -> None:
    """Serve the platform and open Locust's page on it until it is interrupted; `tell` receives the page's address.

    The evidence of the last run on the page, if there was one, is added to the run's folder.
    """
    stage = Stage(world, Load().read_options(options, "the options of the load"))
    with stage.open_all() as (plan, served, database), watch(served, database) as server:

        def keep(results: Results, raw: bytes) -> None:
            profile = plan.profiles.get(results.profile, FREE)
            name = results.profile or "none"
            told = Told(plan, profile, name, results, server, served.server, served.release.name)
            world.run.append(evidence_with(world, told, raw))

        show_page(
            plan,
            url=served.url,
            locustfile=stage.locustfile,
            folder=world.rollout.path("."),
            log=world.log("locust"),
            port=port,
            tell=tell,
            progress=lambda gone, *_: server.follow(gone),
            last=keep,
        )


def serve_plan(world: World, options: dict[str, Any], *, tell: Callable[[Path], None], wait: Callable[[], Any]) -> None:
    """Serve the platform for a Locust that somebody else started, until `wait` returns; `tell` receives the plan."""
    stage = Stage(world, Load().read_options(options, "the options of the load"))
    with stage.open_all() as (plan, _, _), temporary_folder("load") as temporary:
        tell(write_plan(plan, Path(temporary)))
        wait()
