"""The earlier releases' operations after going back: does the code of before work on what is there now?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from harness.databases import Database
from harness.errors import AgentError, ConfigurationError, ProbeError
from harness.operations import Operation
from harness.probes.binding import Bound, bind, sessions_by
from harness.probes.world import World
from harness.rollout import Release


@dataclass
class Tried:
    """What the operations answered: `failed` maps names to what happened, `problems` says what could not be tried."""

    count: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def try_operations(world: World, database: Database) -> Tried:
    """Send one request per operation of the release that one returns to and of that which served before the phase.

    Nothing that they write stays.
    """
    tried = Tried()
    for name in dict.fromkeys((world.returns_to.name, world.served.name)):
        _try_release(world, world.rollout.find_release(name), database, tried)
    return tried


def _try_release(world: World, release: Release, database: Database, tried: Tried) -> None:
    operations = world.catalog.of(release.name)
    if not operations:
        return
    with world.agent(release, database) as agent:
        with bind(world.catalog, database, open_sessions=sessions_by(agent)) as binder:
            bound = [(each, request) for each in operations if (request := _bind(binder, each, tried))]
        requests = [request.as_request() for _, request in bound]
        for (operation, _), answer in zip(
            bound, agent.call("request", requests=requests, capture=False, rollback=True), strict=True
        ):
            tried.count += 1
            if answer["status"] not in operation.expect:
                tried.failed[operation.name] = f"{_describe(answer)} in release {release.name!r}"


def _bind(binder: Any, operation: Operation, tried: Tried) -> Bound | None:
    try:
        bound: Bound = binder.first(operation)
    except (AgentError, ProbeError, ConfigurationError) as error:
        tried.problems.append(str(error))
        return None
    return bound


def _describe(answer: dict[str, Any]) -> str:
    exception = f" ({answer['exception']})" if answer.get("exception") else ""
    return f"answers {answer['status']}{exception}"
