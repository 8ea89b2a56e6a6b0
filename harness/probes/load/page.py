"""Locust's page on the served platform, for people who test by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.probes.load.generator import show_page
from harness.probes.load.probe import Load
from harness.probes.load.stage import Stage
from harness.probes.world import World


def open_page(world: World, options: dict[str, Any], *, port: int, tell: Callable[[str], None]) -> None:
    """Serve the platform and open Locust's page on it until it is interrupted; `tell` receives the page's address."""
    stage = Stage(world, Load().read_options(options, "the options of the load"))
    with stage.open() as (plan, served):
        show_page(
            plan,
            url=served.url,
            locustfile=stage.locustfile,
            folder=world.rollout.path("."),
            log=world.log("locust"),
            port=port,
            tell=tell,
        )
