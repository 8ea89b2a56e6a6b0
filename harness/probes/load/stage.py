"""What a load needs before it begins: a database, requests bound to it, and a release that serves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import msgspec

import harness
from harness.databases import Database
from harness.operations import Operation
from harness.probes.binding import bind, sessions_by
from harness.probes.generated import GENERATED_ROWS, fill, has_rows
from harness.probes.load.plan import Plan, make_plan
from harness.probes.load.profiles import Profile, read_profile, read_profiles
from harness.probes.probe import Options
from harness.probes.world import World
from harness.releases import Served
from harness.rollout import Release, Rollout

PAGE_WRITES = 400
"""Rows that are drawn for each write on Locust's page, where nobody knows how long people will go on."""

PROFILES, LOCUSTFILE = "loadtests/profiles.toml", "loadtests/locustfile.py"
BUILT_IN = Path(harness.__file__).parent / "load" / "built_in"
"""What a project gets that has neither: the harness's own profiles, and people without journeys."""


def find_file(rollout: Rollout, given: str) -> Path:
    """Return a file of the load; the harness's own one where the project says nothing and has none."""
    path = rollout.path(given)
    own = BUILT_IN / path.name
    return own if given in (PROFILES, LOCUSTFILE) and not path.is_file() else path


class LoadOptions(Options, frozen=True, kw_only=True):
    """`profile` of `profiles`; `release` serves (empty: the serving one of the phase); paths as in the rollout file.

    With `workers` that many processes send.
    """

    profile: str = "smoke"
    profiles: str = PROFILES
    locustfile: str = LOCUSTFILE
    release: str = ""
    workers: int = 0


class Stage:
    """A profile with a release that serves on a copy of the migrated database."""

    def __init__(self, world: World, options: LoadOptions) -> None:
        rollout = world.rollout
        self.options = options
        self.profile = read_profile(find_file(rollout, options.profiles), options.profile, quick=world.quick)
        self.release = rollout.find_release(options.release) if options.release else world.serving
        self.locustfile = find_file(rollout, options.locustfile)
        self._world = world

    @cached_property
    def rows(self) -> Database:
        """The migrated database; where the project gives neither seed nor dump it holds a few rows that are made up."""
        if not has_rows(self._world):
            self._world.progress("load", f"the project gives no rows: {GENERATED_ROWS} of each model are made up")
        return fill(self._world)

    @contextmanager
    def open(self) -> Iterator[tuple[Plan, Served, Database]]:
        """Copy, bind and serve; yields the plan of the profile, the server and its database, which is dropped."""
        with self.stand(self.release, self.rows) as (served, copy):
            yield self.plan(copy, served, {self.options.profile: self.profile}), served, copy

    @contextmanager
    def open_all(self) -> Iterator[tuple[Plan, Served, Database]]:
        """The same with all profiles, for somebody to choose from."""
        profiles = read_profiles(find_file(self._world.rollout, self.options.profiles), quick=self._world.quick)
        with self.stand(self.release, self.rows) as (served, copy):
            plan = self.plan(copy, served, profiles, writes=PAGE_WRITES)
            yield msgspec.structs.replace(plan, profile=""), served, copy

    @contextmanager
    def stand(self, release: Release, template: Database) -> Iterator[tuple[Served, Database]]:
        """Serve a release on a copy of a database."""
        copy = self._world.copy(template, "load")
        with self._world.serve(release, copy) as served:
            yield served, copy
        self._world.server.drop(copy)

    def plan(self, database: Database, served: Served, profiles: dict[str, Profile], writes: int = 0) -> Plan:
        """Bind requests for the profiles to the rows that the database has now; the first profile is the one to run."""
        operations = self._world.catalog.of(served.release.name)
        plan = self.bound(served.release, database, operations, profiles, rows=writes)
        return msgspec.structs.replace(plan, build=served.build, host=served.url)

    def bound(
        self,
        release: Release,
        database: Database,
        operations: list[Operation],
        profiles: dict[str, Profile] | None = None,
        rows: int = 0,
    ) -> Plan:
        """Bind requests of some operations; `rows` is how many for each write, 0 as many as the profiles need."""
        world = self._world
        profiles = profiles or {self.options.profile: self.profile}
        world.progress("load", "drawing data for the requests")
        name = next(iter(profiles))
        if not any(actor.session for actor in world.catalog.actor):
            with bind(world.catalog, database) as binder:
                return make_plan(world.catalog, operations, binder, profiles, name, rows)
        with (
            world.agent(release, database) as agent,
            bind(world.catalog, database, open_sessions=sessions_by(agent)) as binder,
        ):
            return make_plan(world.catalog, operations, binder, profiles, name, rows)
