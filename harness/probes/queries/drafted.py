"""The text of a drafted operations file: operations, and remarks on the routes that are none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.operations import Actor, Operation

UNKNOWN = "nothing says what its placeholders stand for; write a 'draw'"
NOT_ASKED = "not asked, the draft was interrupted before"
_HEAD = """# Drafted from the URL configuration: every GET that answered 200, and why the others did not.
# Give operations good names, add those that write, and say with 'queries' what they may cost.
"""
_PART = """# Interrupted: not all was asked. Delete this file to draft it anew.
"""


@dataclass
class Entry:
    """A route and what is known of it; with `remark` it is no operation."""

    route: dict[str, Any]
    operation: Operation | None
    remark: str = NOT_ASKED
    request: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, Any] = field(default_factory=dict)
    mark: str = ""
    reads: list[str] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    def marked(self, answer: dict[str, Any]) -> Any:
        """Return what tells two answers apart: content, or length where equal requests differ (a CSRF token)."""
        return answer[self.mark]

    def text(self) -> str:
        """Return its operation, or the remark that says why it is none."""
        if self.remark or self.operation is None:
            return f"# GET {self.route['path']}: {self.remark}.\n"
        return _operation_text(self.operation, [each for each in self.reads if each in self.tables], self.doubts)


def entries(routes: list[dict[str, Any]], actors: list[Actor]) -> list[Entry]:
    """Return an entry for every route, each with a name of its own."""
    return [Entry(route, _operation(route, name, actors)) for route, name in _named(routes)]


def write(actors: Sequence[Actor], found: Sequence[Entry], *, whole: bool) -> str:
    """Return the operations file; one that is not `whole` says so."""
    head = (_HEAD if whole else _HEAD + _PART) + "schema = 1\n"
    return "\n".join([head, *map(_actor_text, actors), *(each.text() for each in found)])


def _named(routes: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], str]]:
    used: set[str] = set()
    for route in routes:
        name = route["name"] if route["name"] not in used else f"{route['name']} at {route['path']}"
        used.add(name)
        yield route, name


def _operation(route: dict[str, Any], name: str, actors: list[Actor]) -> Operation | None:
    parameters, table, key = route["parameters"], route["table"], route["key"]
    if len(parameters) > 1 or (parameters and not table):
        return None
    draw = f"SELECT {key} AS {parameters[0]} FROM {table} ORDER BY {key}" if parameters else ""  # noqa: S608  # nosec B608
    return Operation(name=name, request=f"GET {route['path']}", actor=actors[0].name if actors else "", draw=draw)


def _actor_text(actor: Actor) -> str:
    return f"[[actor]]\nname = {_quoted(actor.name)}\nsession = true\ndraw = {_quoted(actor.draw)}\n"


def _operation_text(operation: Operation, tables: list[str], doubts: list[str]) -> str:
    lines = ["[[operation]]", f"name = {_quoted(operation.name)}", f"request = {_quoted(operation.request)}"]
    lines += [f"actor = {_quoted(operation.actor)}"] if operation.actor else []
    lines += [f"draw = {_quoted(operation.draw)}"] if operation.draw else []
    if tables:
        lines += ['queries = { grows = "constant" }', f"grows_with = [{', '.join(map(_quoted, tables))}]"]
    lines += [f"# {doubt}" for doubt in doubts]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
