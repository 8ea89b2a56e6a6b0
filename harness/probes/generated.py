"""Rows for a project that gives none: without them no draw finds anything."""

from __future__ import annotations

from harness.databases import Database
from harness.probes.world import World
from harness.queries.growth import SIZES

GENERATED_ROWS = SIZES[-1] + 5


def has_rows(world: World) -> bool:
    """Tell whether the rollout gives a seed or a dump."""
    return bool(world.rollout.source.seed or world.rollout.source.dump)


def fill(world: World) -> Database:
    """Return the database of the candidate; where the project gives neither seed nor dump, rows are generated.

    Every model, those of installed apps too, then has a few rows more than the largest size of a growth check.
    """
    database = world.after()
    if has_rows(world):
        return database
    filled = world.copy(database, "filled")
    with world.agent(world.candidate, filled) as agent:
        agent.call("make_rows", rows=GENERATED_ROWS, progress=world.progress_of("database", "making rows of"))
    world.server.analyze(filled)
    return filled
