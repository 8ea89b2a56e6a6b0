"""Drafts an operations file from a project's URLs: what answers is an operation, what does not is a remark."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from msgspec.structs import replace

from harness.databases import Database
from harness.errors import AgentError, ConfigurationError, ProbeError
from harness.operations import Actor, Catalog, Operation
from harness.probes.binding import bind, sessions_by
from harness.probes.queries.side import describe
from harness.probes.world import World
from harness.releases import Agent

USER = "user"
_FEW = (1, 2, 5)
_HEAD = """# Drafted from the URL configuration: every GET that answered 200, and why the others did not.
# Give operations good names, add those that write, and say with 'queries' what they may cost.
schema = 1
"""


def draft(world: World, database: Database) -> str:
    """Ask every route of the candidate release on a copy of a database, and return an operations file.

    Raises ConfigurationError where the URL configuration cannot be read or has nothing to ask.
    """
    copy = world.copy(database, "draft")
    with world.agent(world.candidate, copy) as agent:
        listed = _listed(agent)
        actors = [_actor(listed["user"])] if listed["user"] else []
        routes = list(_named(listed["routes"]))
        texts = []
        for number, (route, name) in enumerate(routes):
            world.progress("queries", route["path"], number, len(routes))
            texts.append(_try(world, agent, copy, actors, route, name))
    world.server.drop(copy)
    return "\n".join([_HEAD, *(_actor_text(each) for each in actors), *texts])


def _listed(agent: Agent) -> dict[str, Any]:
    try:
        listed: dict[str, Any] = agent.call("list_urls")
    except AgentError as error:
        raise ConfigurationError(str(error)) from None
    if not listed["routes"]:
        raise ConfigurationError("The URL configuration has no route that GET may ask; write the operations by hand.")
    return listed


def _try(world: World, agent: Agent, database: Database, actors: list[Actor], route: dict[str, Any], name: str) -> str:
    """Ask one route as the first actor, and return its operation, or a remark that says why it is none."""
    operation = _operation(route, name, actors)
    if operation is None:
        return _remark(route, "nothing says what its placeholders stand for; write a 'draw'")
    # One person asks: a session of each user for each route would take longer than all answers together.
    first = [replace(actor, draw=f"{actor.draw} LIMIT 1") for actor in actors]
    catalog = Catalog(actor=first, operation=[operation])
    with bind(catalog, database, open_sessions=sessions_by(agent)) as binder:
        try:
            request = binder.first(operation).as_request()
        except (ProbeError, ConfigurationError) as error:
            return _remark(route, str(error).rstrip("."))
    [answer] = agent.call("request", requests=[request])
    if answer["status"] != 200:
        return _remark(route, describe(world.candidate, answer, operation))
    return _text(operation, [] if route["parameters"] else _tables(agent, request, answer))


def _tables(agent: Agent, request: dict[str, Any], answer: dict[str, Any]) -> list[str]:
    """Return the tables that the answer is made of: with fewer rows of them it is another one."""
    asked = [each["table"] for each in answer["statements"] if each["kind"] == "reads" and each["table"]]
    found = []
    for table in dict.fromkeys(asked):
        with suppress(AgentError):
            one = agent.call("grow", table=table, sizes=[1], requests=[request])
            # Most tables are not in the answer; that is known after one size.
            if _mark(one[0]["answers"][0], one) == _mark(answer, one):
                continue
            results = agent.call("grow", table=table, sizes=list(_FEW), requests=[request])
            answers = [each for result in results for each in result["answers"]]
            if {each["status"] for each in answers} == {200} and len({_mark(each, one) for each in answers}) == len(
                _FEW
            ):
                found.append(table)
    return found


def _mark(answer: dict[str, Any], results: list[dict[str, Any]]) -> Any:
    """Return what tells two answers apart: the content, or its length where equal requests differ (a CSRF token)."""
    is_repeatable = results[0]["answers"][0]["sha256"] == results[0]["again"][0]["sha256"]
    return answer["sha256"] if is_repeatable else answer["size"]


def _named(routes: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], str]]:
    """Give every route a name of its own."""
    used: set[str] = set()
    for route in routes:
        name = route["name"] if route["name"] not in used else f"{route['name']} at {route['path']}"
        used.add(name)
        yield route, name


def _actor(user: dict[str, str]) -> Actor:
    # These names come from the project's own models.
    draw = f'SELECT {user["key"]} AS "user" FROM {user["table"]} ORDER BY {user["order"]}'  # noqa: S608  # nosec B608
    return Actor(name=USER, draw=draw, session=True)


def _operation(route: dict[str, Any], name: str, actors: list[Actor]) -> Operation | None:
    parameters, table, key = route["parameters"], route["table"], route["key"]
    if len(parameters) > 1 or (parameters and not table):
        return None
    draw = f"SELECT {key} AS {parameters[0]} FROM {table} ORDER BY {key}" if parameters else ""  # noqa: S608  # nosec B608
    return Operation(name=name, request=f"GET {route['path']}", actor=actors[0].name if actors else "", draw=draw)


def _actor_text(actor: Actor) -> str:
    return f"[[actor]]\nname = {_quoted(actor.name)}\nsession = true\ndraw = {_quoted(actor.draw)}\n"


def _text(operation: Operation, tables: list[str]) -> str:
    lines = ["[[operation]]", f"name = {_quoted(operation.name)}", f"request = {_quoted(operation.request)}"]
    lines += [f"actor = {_quoted(operation.actor)}"] if operation.actor else []
    lines += [f"draw = {_quoted(operation.draw)}"] if operation.draw else []
    if tables:
        lines += ['queries = { grows = "constant" }', f"grows_with = [{', '.join(map(_quoted, tables))}]"]
    return "\n".join(lines) + "\n"


def _remark(route: dict[str, Any], reason: str) -> str:
    return f"# GET {route['path']}: {reason}.\n"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
