"""The baseline release's operations after going back: does the code of before work on what is there now?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from harness.databases import Database
from harness.errors import AgentError, ConfigurationError, ProbeError
from harness.operations import Operation
from harness.probes.binding import Bound, bind
from harness.probes.world import World


@dataclass
class Tried:
    """What the operations answered: `failed` maps names to what happened, `problems` says what could not be tried."""

    count: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def try_operations(world: World, database: Database) -> Tried:
    """Send one request per operation of the baseline release; nothing that they write stays."""
    tried = Tried()
    operations = world.catalog.of(world.baseline.name)
    if not operations:
        return tried
    with world.agent(world.baseline, database) as agent:

        def open_sessions(users: list[Any]) -> list[str]:
            cookies: list[str] = agent.call("open_sessions", users=users)
            return cookies

        with bind(world.catalog, database, open_sessions=open_sessions) as binder:
            bound = [(each, request) for each in operations if (request := _bind(binder, each, tried))]
        requests = [request.as_request() for _, request in bound]
        for (operation, _), answer in zip(
            bound, agent.call("request", requests=requests, capture=False, rollback=True), strict=True
        ):
            tried.count += 1
            if answer["status"] not in operation.expect:
                tried.failed[operation.name] = _describe(answer)
    return tried


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
