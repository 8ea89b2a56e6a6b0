"""One release on one database: the queries of every operation, and how they grow."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg

from harness.errors import AgentError, ConfigurationError, ProbeError
from harness.operations import Operation
from harness.probes.binding import Binder, Bound, bind, sessions_by
from harness.probes.world import World
from harness.queries.growth import QUICK_SIZES, SIZES, Group, Growth, counted, read
from harness.releases import Agent
from harness.rollout import Release
from harness.words import number

_FEWEST_SIZES = 3


@dataclass
class Side:
    """What was measured of a release; `problems` names every operation that could not be, and why."""

    release: Release
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    growth: dict[str, list[Growth]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def count(self, operation: str) -> int | None:
        """Return reads and writes of an operation, or None where it was not measured."""
        answer = self.answers.get(operation)
        return None if answer is None else answer["queries"]["reads"] + answer["queries"]["writes"]

    @property
    def knows_indexes(self) -> bool:
        """Whether it was asked which filters no index serves: on PostgreSQL, and where nothing broke."""
        return bool(self.answers) and all(each["unindexed"] is not None for each in self.answers.values())

    def growing(self, operation: str) -> list[tuple[Growth, Group]]:
        """Return the statements of an operation that grow."""
        return [(each, group) for each in self.growth.get(operation, []) for group in each.growing]


def measure_side(
    world: World, release: Release, database: Any, operations: list[Operation], *, grow: bool = True
) -> Side:
    """Measure the operations of a release on a copy of a database."""
    side = Side(release)
    copy = world.copy(database, "queries")
    _enable_server_time(copy)
    with world.agent(release, copy) as agent, bind(world.catalog, copy, open_sessions=sessions_by(agent)) as binder:
        bound = _bind(side, binder, operations)
        _count(world, side, agent, bound)
        if grow:
            measured = [(op, each) for op, each in bound if op.name in side.answers and op.growth]
            _grow(world, side, agent, binder, measured)
    world.server.drop(copy)
    return side


def _enable_server_time(copy: Any) -> None:
    """Let PostgreSQL count what it does in this copy, where it can."""
    if copy.engine != "postgresql":
        return
    with closing(copy.connect()) as connection, suppress(psycopg.Error):
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")


def _bind(side: Side, binder: Binder, operations: list[Operation]) -> list[tuple[Operation, Bound]]:
    bound = []
    for operation in operations:
        try:
            bound.append((operation, binder.first(operation)))
        except (ProbeError, ConfigurationError) as error:
            side.problems.append(str(error))
    return bound


def _count(world: World, side: Side, agent: Agent, bound: list[tuple[Operation, Bound]]) -> None:
    def progress(message: str, done: float, total: float) -> None:
        world.progress("queries", f"{side.release.name}: {message}", done, total)

    requests = [each.as_request() for _, each in bound]
    answers = agent.call("request", requests=requests, plans=True, progress=progress)
    for (operation, _), answer in zip(bound, answers, strict=True):
        if answer["status"] in operation.expect:
            side.answers[operation.name] = answer
        else:
            side.problems.append(f"Operation {operation.name!r} {describe(side.release, answer, operation)}.")


def _grow(world: World, side: Side, agent: Agent, binder: Binder, bound: list[tuple[Operation, Bound]]) -> None:
    whole: dict[str, list[tuple[Operation, Bound]]] = {}
    for operation, each in bound:
        for table, sql in operation.growth.items():
            if sql:
                _grow_table(world, side, agent, table, [(operation, each)], binder.keys(each, sql))
            else:
                whole.setdefault(table, []).append((operation, each))
    for table, together in whole.items():
        rows = binder.rows(table)
        _grow_table(world, side, agent, table, together, list(range(rows)), whole=True)


def _grow_table(
    world: World,
    side: Side,
    agent: Agent,
    table: str,
    bound: list[tuple[Operation, Bound]],
    keys: list[Any],
    *,
    whole: bool = False,
) -> None:
    sizes = _sizes(len(keys), QUICK_SIZES if world.quick else SIZES)
    names = ", ".join(repr(operation.name) for operation, _ in bound)
    world.progress("queries", f"{side.release.name}: growth of {names} with {table}")
    if len(sizes) < _FEWEST_SIZES:
        side.problems.append(
            f"The growth of {names} cannot be measured: it has only {number(len(keys), 'row')} of {table} behind it, "
            "5 are needed."
        )
        return
    try:
        results = agent.call(
            "grow",
            table=table,
            sizes=sizes,
            requests=[each.as_request() for _, each in bound],
            keys=None if whole else keys,
        )
    except AgentError as error:
        side.problems.append(f"The growth of {names} with {table} cannot be measured: {error}")
        return
    for index, (operation, _) in enumerate(bound):
        problem = _doubt(side.release, results, index, operation)
        if problem:
            side.problems.append(f"The growth of operation {operation.name!r} with {table} is not known: {problem}.")
        else:
            side.growth.setdefault(operation.name, []).append(read(table, results, index))


def _sizes(available: int, wanted: Sequence[int]) -> list[int]:
    sizes = [size for size in wanted if size <= available]
    return [*sizes, available] if sizes and sizes[-1] < available < wanted[-1] else sizes


def _doubt(release: Release, results: list[dict[str, Any]], index: int, operation: Operation) -> str:
    """Say why the answers at several sizes do not prove anything, "" if they do."""
    ordered = sorted(results, key=lambda result: result["size"])
    answers = [result["answers"][index] for result in ordered]
    for result, answer in zip(ordered, answers, strict=True):
        if answer["status"] not in operation.expect:
            return f"with {number(result['size'], 'row')} it {describe(release, answer, operation)}"
    if counted(answers[-1]) != counted(ordered[-1]["again"][index]):
        return "two equal requests ran different queries"
    if answers[0]["sha256"] == answers[-1]["sha256"]:
        return "the answer does not depend on these rows; name other tables in 'grows_with'"
    return ""


def describe(release: Release, answer: dict[str, Any], operation: Operation) -> str:
    """Say what an operation answered instead of what it should."""
    place = answer["culprit"]
    at = f" at {release.path}/{place['file']}:{place['line']} in {place['function']}" if place else ""
    error = f" ({answer['exception']}{at})" if answer["exception"] else ""
    expected = " or ".join(map(str, operation.expect))
    return f"answers {answer['status']}{error} in release {release.name!r} instead of {expected}"
