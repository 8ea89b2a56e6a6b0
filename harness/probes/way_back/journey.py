"""The ways that the drill goes: backward by migrations, forward again, and back by the backup; each timed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from harness.databases import Database
from harness.databases.fingerprint import Fingerprint, open_reader, read_names, take_fingerprint
from harness.errors import AgentError
from harness.probes.world import World
from harness.releases import Agent
from harness.temporary import temporary_folder


@dataclass
class Timer:
    """Holds the seconds of the block that it timed."""

    seconds: float = 0.0


@contextmanager
def timed() -> Iterator[Timer]:
    """Time a block, also when it fails."""
    timer, start = Timer(), perf_counter()
    try:
        yield timer
    finally:
        timer.seconds = perf_counter() - start


@dataclass
class Refusal:
    """A migration that could not be unapplied, or not be applied again, and why (no row content)."""

    migration: str
    kind: str
    reason: str
    only_with_late_writes: bool = False

    @property
    def irreversible(self) -> bool:
        """Whether it has no reverse at all, whatever the rows."""
        return self.kind == "IrreversibleError"


@dataclass
class Backward:
    """How it went backward; the database is where it ended."""

    database: Database
    seconds: float
    refusal: Refusal | None = None


@dataclass
class Forward:
    """How it went forward again."""

    seconds: float
    refusal: Refusal | None = None


@dataclass
class Restored:
    """How the backup came back."""

    fingerprint: Fingerprint
    backup_seconds: float
    restore_seconds: float
    size: int


def go_back(world: World, start: Database, migrations: list[str]) -> Backward:
    """Unapply exactly these migrations ("app.name", in the order of applying) on a copy; a refusal is a result."""
    database = world.copy(start, "back")
    if not migrations:
        return Backward(database, 0.0)
    with world.agent(world.candidate, database) as agent, timed() as timer:
        error = _try(agent, "unapply", migrations=[migration.split(".", 1) for migration in migrations])
    if error is None:
        return Backward(database, timer.seconds)
    applied = _applied(database)
    stopped = next((migration for migration in reversed(migrations) if migration in applied), migrations[-1])
    return Backward(database, timer.seconds, Refusal(stopped, error.kind, str(error)))


def needs_late_writes(world: World, after: Database, refusal: Refusal, migrations: list[str]) -> bool:
    """Tell whether a migration refuses only because of rows that the new release wrote."""
    if refusal.irreversible:
        return False
    clean = go_back(world, after, migrations)
    world.server.drop(clean.database)
    return clean.refusal is None


def go_forward(world: World, database: Database, migrations: list[str]) -> Forward:
    """Apply the phase's migrations again; a refusal is a result."""
    if not migrations:
        return Forward(0.0)
    with world.agent(world.candidate, database) as agent, timed() as timer:
        error = _try(agent, "migrate", targets=world.phase.migrations)
    if error is None:
        return Forward(timer.seconds)
    applied = _applied(database)
    stopped = next((migration for migration in migrations if migration not in applied), migrations[-1])
    return Forward(timer.seconds, Refusal(stopped, error.kind, str(error)))


def restore(world: World, before: Fingerprint) -> Restored:
    """Back the database up as it was before the phase, restore it elsewhere, and read it."""
    with temporary_folder("backup") as folder:
        path = Path(folder) / "backup"
        with timed() as backup:
            world.server.backup(before.database, path)
        database = world.server.create("restored")
        with timed() as back:
            world.server.restore(path, database)
        fingerprint = take_fingerprint(database, like=before.schema)
        return Restored(fingerprint, backup.seconds, back.seconds, path.stat().st_size)


def _try(agent: Agent, procedure: str, **arguments: Any) -> AgentError | None:
    try:
        agent.call(procedure, **arguments)
    except AgentError as error:
        return error
    return None


def _applied(database: Database) -> Collection[str]:
    """Return the migrations that are applied now."""
    with open_reader(database) as reader:
        return read_names(reader, reader.schema()).get("django_migrations", ())
