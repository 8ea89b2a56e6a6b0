"""The databases that validations look at, each with the release whose code fits it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from harness.databases import Database
from harness.databases.fingerprint import open_reader, read_names
from harness.errors import AgentError, ProbeError
from harness.probes.world import World
from harness.rollout import Moment, Release


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """One moment of a phase: a database that nobody else writes to, and a release that runs on it."""

    moment: Moment
    database: Database
    release: Release


@contextmanager
def stage(world: World, moment: Moment) -> Iterator[Stage]:
    """Give the database of a moment; raises ProbeError when the phase cannot be taken back."""
    if moment == "before":
        yield Stage(moment=moment, database=world.before(), release=_earlier(world))
    elif moment == "after":
        yield Stage(moment=moment, database=world.after(), release=world.candidate)
    else:
        database = world.copy(world.after(), "validated")
        try:
            _take_back(world, database)
            yield Stage(moment=moment, database=database, release=_earlier(world))
        finally:
            world.server.drop(database)


def _earlier(world: World) -> Release:
    """Return the release that serves before the phase."""
    phases = world.rollout.before(world.phase)
    return world.rollout.find_release(phases[-1].serves) if phases else world.baseline


def _take_back(world: World, database: Database) -> None:
    known = set(_applied(world.before()))
    new = [migration.split(".", 1) for migration in _applied(database) if migration not in known]
    if not new:
        return
    try:
        with world.agent(world.candidate, database) as agent:
            agent.call("unapply", migrations=new)
    except AgentError as error:
        raise ProbeError(f"The phase cannot be taken back, so nothing could be validated then: {error}") from None


def _applied(database: Database) -> tuple[str, ...]:
    with open_reader(database) as reader:
        return read_names(reader, reader.schema()).get("django_migrations", ())
