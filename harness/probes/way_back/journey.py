"""The ways that the drill goes: backward by migrations, forward again, and back by the backup; each timed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from harness.databases import Database
from harness.databases.fingerprint import Fingerprint, open_reader, read_names, take_fingerprint
from harness.errors import AgentError
from harness.probes.world import World


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
    """A migration that could not be unapplied, and why (no row content)."""

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
        error = _unapply(agent, migrations)
    if error is None:
        return Backward(database, timer.seconds)
    refusal = Refusal(_first_refused(database, migrations), error.kind, str(error))
    return Backward(database, timer.seconds, refusal)


def needs_late_writes(world: World, after: Database, refusal: Refusal, migrations: list[str]) -> bool:
    """Tell whether a migration refuses only because of rows that the new release wrote."""
    if refusal.irreversible:
        return False
    clean = go_back(world, after, migrations)
    world.server.drop(clean.database)
    return clean.refusal is None


def go_forward(world: World, database: Database) -> float:
    """Apply the phase's migrations; return the seconds."""
    if not world.phase.migrations:
        return 0.0
    with world.agent(world.candidate, database) as agent, timed() as timer:
        agent.call("migrate", targets=world.phase.migrations)
    return timer.seconds


def restore(world: World, before: Fingerprint) -> Restored:
    """Back the database up as it was before the phase, restore it elsewhere, and read it."""
    with tempfile.TemporaryDirectory(prefix="harness-backup-") as folder:
        path = Path(folder) / "backup"
        with timed() as backup:
            world.server.backup(before.database, path)
        database = world.server.create("restored")
        with timed() as back:
            world.server.restore(path, database)
        fingerprint = take_fingerprint(database, like=before.schema)
        return Restored(fingerprint, backup.seconds, back.seconds, path.stat().st_size)


def _unapply(agent: Any, migrations: list[str]) -> AgentError | None:
    try:
        agent.call("unapply", migrations=[migration.split(".", 1) for migration in migrations])
    except AgentError as error:
        return error
    return None


def _first_refused(database: Database, migrations: list[str]) -> str:
    """Return the migration at which going backward stopped: the last one that is still applied."""
    with open_reader(database) as reader:
        applied = read_names(reader, reader.schema()).get("django_migrations", ())
    return next((migration for migration in reversed(migrations) if migration in applied), migrations[-1])
