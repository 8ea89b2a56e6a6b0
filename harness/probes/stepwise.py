"""Repeats a phase's migrations one at a time on a copy, to learn which of them did something."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import PurePosixPath
from typing import Any

from harness.databases import Database
from harness.errors import AgentError
from harness.probes.world import World


def blame_forward(
    world: World, database: Database, migrations: Iterable[str], look: Callable[[Database], set[str]]
) -> dict[str, str]:
    """Apply migrations ("app.name") one at a time; see `_blame`."""
    return _blame(world, database, migrations, look, lambda name: ("migrate", {"targets": [name]}))


def blame_backward(
    world: World, database: Database, migrations: Iterable[str], look: Callable[[Database], set[str]]
) -> dict[str, str]:
    """Unapply migrations ("app.name", in the order of applying) one at a time, the last one first; see `_blame`."""
    back = reversed(list(migrations))
    return _blame(world, database, back, look, lambda name: ("unapply", {"migrations": [name.split(".", 1)]}))


def migration_file(world: World, migration: str) -> str:
    """Return the path of a migration relative to the rollout file, or "" where the candidate does not hold it."""
    app, _, name = migration.partition(".")
    path = PurePosixPath(world.candidate.path, app, "migrations", f"{name}.py")
    return str(path) if world.rollout.path(str(path)).is_file() else ""


def _blame(
    world: World,
    database: Database,
    migrations: Iterable[str],
    look: Callable[[Database], set[str]],
    call: Callable[[str], tuple[str, dict[str, Any]]],
) -> dict[str, str]:
    """Return for everything that `look` sees in the end the migration that brought it, "" for what was there before.

    Where a migration refuses to run alone, what was seen up to it is returned.
    """
    copy = world.copy(database, "culprit")
    culprits = dict.fromkeys(look(copy), "")
    try:
        with world.agent(world.candidate, copy) as agent:
            for migration in migrations:
                procedure, arguments = call(migration)
                agent.call(procedure, **arguments)
                culprits = {about: culprits.get(about, migration) for about in look(copy)}
    except AgentError:
        return culprits
    finally:
        world.server.drop(copy)
    return culprits
