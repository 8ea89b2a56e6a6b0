"""The text of a drafted operations file: operations, and remarks on the routes that are none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from msgspec.structs import replace

from harness.operations import Actor, Operation
from harness.words import number

NOT_ASKED = "not asked, the draft was interrupted before"
_HEAD = """# Drafted from the URL configuration: every GET that answered 200; at the end, why the others did not.
# Give operations good names, add those that write, and say with 'queries' what they may cost.
"""
_PART = """# Interrupted: not all was asked. Delete this file to draft it anew.
"""
_DRAWN = """# Whether operations with a 'draw' grow was not measured; name tables with 'grows_with'.
"""


class Try(NamedTuple):
    """What a route may be as an operation; of each list of `reads` ("table.column") its answer has to look one up."""

    operation: Operation
    reads: list[list[str]] = []


@dataclass
class Entry:
    """A route and what is known of it; with `remark` it is no operation, and `tries` are what it could be."""

    route: dict[str, Any]
    operation: Operation | None = None
    tries: list[Try] = field(default_factory=list)
    remark: str = NOT_ASKED
    detail: str = ""
    request: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, Any] = field(default_factory=dict)
    again: dict[str, Any] = field(default_factory=dict)
    mark: str = ""
    reads: list[str] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    def marked(self, answer: dict[str, Any]) -> Any:
        """Return what tells two answers apart: content, or length where equal requests differ (a CSRF token)."""
        return answer[self.mark]

    def text(self) -> str:
        """Return its operation, "" where it is none."""
        if self.remark or self.operation is None:
            return ""
        return _operation_text(self.operation, [each for each in self.reads if each in self.tables], self.doubts)


def entries(routes: list[dict[str, Any]], actors: list[Actor]) -> list[Entry]:
    """Return an entry for every route, each with a name of its own."""
    return [Entry(route, tries=_tries(route, name, actors)) for route, name in _named(routes)]


def too_few(tables: Sequence[str]) -> str:
    """Say of which tables nothing is known because they have too few rows."""
    return f"Whether anything grows with these tables is not known, they have fewer than 5 rows: {', '.join(tables)}."


def write(actors: Sequence[Actor], found: Sequence[Entry], few: Sequence[str] = (), *, whole: bool) -> str:
    """Return the operations file; one that is not `whole` says so, and so does one with tables of too few rows."""
    operations = [text for each in found if (text := each.text())]
    drawn = any(each.operation.draw for each in found if each.operation and not each.remark)
    notes = (f"# {too_few(few)}\n" if few else "") + (_DRAWN if drawn else "")
    head = f"{_HEAD}{'' if whole else _PART}{notes}schema = 1\n"
    return "\n".join([head, *map(_actor_text, actors), *operations, *_left_out(found)])


def _left_out(found: Sequence[Entry]) -> Iterator[str]:
    """Yield the routes that are no operation, by the reason for that, the most frequent one first."""
    groups: dict[str, list[Entry]] = {}
    for each in found:
        if each.remark:
            groups.setdefault(each.remark, []).append(each)
    for remark, group in sorted(groups.items(), key=lambda item: -len(item[1])):
        lines = [f"#   GET {each.route['path']}{f'  ({each.detail})' if each.detail else ''}\n" for each in group]
        yield f"# Left out, {number(len(group), 'route')}: {remark}.\n" + "".join(lines)


def _named(routes: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], str]]:
    used: set[str] = set()
    for route in routes:
        name = route["name"] if route["name"] not in used else f"{route['name']} at {route['path']}"
        used.add(name)
        yield route, name


def _tries(route: dict[str, Any], name: str, actors: list[Actor]) -> list[Try]:
    plain = Operation(name=name, request=f"GET {route['path']}", actor=actors[0].name if actors else "")
    if not route["parameters"]:
        return [Try(plain)]
    return [Try(replace(plain, draw=each["sql"]), each["reads"]) for each in route["draws"]]


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
