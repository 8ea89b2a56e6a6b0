"""The queries of one release, with or without a rollout file: a world, and what was measured in it."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from harness.errors import UsageError
from harness.probes.generated import fill
from harness.probes.queries.side import Side, measure_side
from harness.probes.world import World
from harness.queries.growth import identity
from harness.queries.words import tell
from harness.rollout import Phase, Release, Rollout, Source
from harness.words import number

NAME = "project"


def rollout_of(folder: Path, settings: str, python: str, seed: list[str], title: str = "queries") -> Rollout:
    """Return a rollout of one phase around a Django project that has no rollout file."""
    return Rollout(
        name=folder.resolve().name,
        source=Source(release=NAME, seed=seed),
        release=[Release(name=NAME, path=".", settings=settings, python=python)],
        phase=[Phase(number=1, name=title, serves=NAME)],
        folder=str(folder),
    )


def measure(world: World, only: list[str], *, grow: bool = True) -> Side:
    """Measure the candidate's operations whose names match; raises UsageError where there is none."""
    release = world.candidate
    operations = [each for each in world.catalog.of(release.name) if _matches(each.name, only)]
    if not operations:
        raise UsageError(
            f"No operation is called {' or '.join(only) or 'anything'}; 'harness queries draft' writes some."
        )
    return measure_side(world, release, fill(world), operations, grow=grow)


def explain(side: Side, name: str) -> Iterator[str]:
    """Yield the annotated list of the statements of one operation."""
    answer = side.answers[name]
    queries = answer["queries"]
    yield (
        f"{name}: {number(queries['reads'], 'read')}, {number(queries['writes'], 'write')}, "
        f"{queries['transactions']} of transaction control, {number(queries['cache'], 'cache operation')}"
    )
    for growth in side.growth.get(name, []):
        sizes = ", ".join(map(str, growth.sizes))
        yield f"  with N rows of {growth.table}: {growth.formula} ({growth.worst}; measured at {sizes})"
    if answer["server_milliseconds"] is not None:
        yield f"  the database server itself took {answer['server_milliseconds']:.3g} ms"
    for statement in sorted(answer["statements"], key=lambda each: -int(each["count"])):
        yield ""
        yield from tell(statement, f"{statement['count']} x ")
        for growth, group in side.growing(name):
            if identity(group.statement) == identity(statement):
                yield f"      {group.shape} with {growth.table}: {', '.join(map(str, group.counts))} times"


def _matches(name: str, only: list[str]) -> bool:
    return not only or any(fnmatch(name, pattern) for pattern in only)
