"""What a load needs before it begins: a database, requests bound to it, and a release that serves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from harness.databases import Database
from harness.probes.binding import bind, sessions_by
from harness.probes.load.plan import make_plan
from harness.probes.load.profiles import read_profile
from harness.probes.probe import Options
from harness.probes.world import World
from harness.releases import Served


class LoadOptions(Options, frozen=True, kw_only=True):
    """`profile` of `profiles`; `release` serves (empty: the serving one of the phase); paths as in the rollout file."""

    profile: str = "smoke"
    profiles: str = "loadtests/profiles.toml"
    locustfile: str = "loadtests/locustfile.py"
    release: str = ""


class Stage:
    """A profile with a release that serves on a copy of the migrated database."""

    def __init__(self, world: World, options: LoadOptions) -> None:
        rollout = world.rollout
        self.profile = read_profile(rollout.path(options.profiles), options.profile, quick=world.quick)
        self.release = rollout.find_release(options.release) if options.release else world.serving
        self.locustfile = rollout.path(options.locustfile)
        self._world = world

    @contextmanager
    def open(self) -> Iterator[tuple[dict[str, Any], Served]]:
        """Copy, bind and serve; yields the plan and the server, and drops the copy at the end."""
        world = self._world
        copy = world.copy(world.after(), "load")
        plan = self._plan(copy)
        with world.serve(self.release, copy) as served:
            yield plan, served
        world.server.drop(copy)

    def _plan(self, database: Database) -> dict[str, Any]:
        world, release = self._world, self.release
        operations = world.catalog.of(release.name)
        world.progress("load", "drawing data for the requests")
        if not any(actor.session for actor in world.catalog.actor):
            with bind(world.catalog, database) as binder:
                return make_plan(world.catalog, operations, binder, self.profile)
        with (
            world.agent(release, database) as agent,
            bind(world.catalog, database, open_sessions=sessions_by(agent)) as binder,
        ):
            return make_plan(world.catalog, operations, binder, self.profile)
