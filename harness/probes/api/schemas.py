"""Compares two schemas of an OpenAPI document as a client sees it: who sends the value, and who reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from harness.probes.api.document import DEEPEST, Document, Node

Direction = Literal["request", "response"]
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_HIDDEN: dict[Direction, str] = {"request": "readOnly", "response": "writeOnly"}


@dataclass(frozen=True)
class Break:
    """One thing that a client of the old document relies on and the new one does not promise."""

    code: str
    place: str
    why: str


class Schemas:
    """Compares schemas of two documents in one direction.

    In a request the new one must take whatever the old one took; a response must not hold what the old one excluded.
    """

    def __init__(self, old: Document, new: Document, direction: Direction) -> None:
        self._old = old
        self._new = new
        self._direction = direction
        self._open: set[tuple[int, int]] = set()

    def compare(self, old: Any, new: Any, place: str = "") -> list[Break]:
        """Return what breaks; `place` is the path inside the value. A schema inside itself is compared once."""
        before, after = _alternatives(self._old, old), _alternatives(self._new, new)
        if len(before) == 1 and len(after) == 1:
            return list(self._guarded(before[0], after[0], place))
        needed, offered = (before, after) if self._direction == "request" else (after, before)
        found: list[Break] = []
        for each in needed:
            fits = sorted((self._pair(each, other, place) for other in offered), key=len)
            found += fits[0] if fits else []
        return list(dict.fromkeys(found))

    def _pair(self, needed: Node, offered: Node, place: str) -> list[Break]:
        old, new = (needed, offered) if self._direction == "request" else (offered, needed)
        return list(self._guarded(old, new, place))

    def _guarded(self, old: Node, new: Node, place: str) -> Iterator[Break]:
        pair = id(old), id(new)
        if pair in self._open or place.count("/") > DEEPEST:
            return
        self._open.add(pair)
        yield from self._types(old, new, place)
        yield from self._values(old, new, place)
        if self._direction == "request":
            yield from _limits(old, new, place)
        yield from self._fields(old, new, place)
        if "items" in old and "items" in new:
            yield from self.compare(old["items"], new["items"], f"{place}/[]")
        self._open.discard(pair)

    def _types(self, old: Node, new: Node, place: str) -> Iterator[Break]:
        before, after = _types(old), _types(new)
        wide, narrow = (after, before) if self._direction == "request" else (before, after)
        if not _covers(wide, narrow):
            yield Break("type-changed", place, f"its type was {_join(before)} and is {_join(after)}")
        elif old.get("format") != new.get("format") and (old.get("format") or self._direction == "request"):
            was, now = old.get("format", "any"), new.get("format", "any")
            if self._direction == "response" or now != "any":
                yield Break("format-changed", place, f"its format was {was} and is {now}")

    def _values(self, old: Node, new: Node, place: str) -> Iterator[Break]:
        before, after = _enum(old), _enum(new)
        if after is None:
            return
        if before is None:
            if self._direction == "request":
                yield Break("value-removed", place, f"only {_join(after)} are accepted, and anything was")
            return
        gone = [value for value in before if value not in after]
        if gone:
            yield Break("value-removed", place, f"the value {_join(gone)} is gone")

    def _fields(self, old: Node, new: Node, place: str) -> Iterator[Break]:
        hidden = _HIDDEN[self._direction]
        before, after = self._properties(self._old, old, hidden), self._properties(self._new, new, hidden)
        for name, schema in before.items():
            if name in after:
                yield from self.compare(schema, after[name], f"{place}/{name}")
            elif self._direction == "response" or not _takes_more(new):
                yield Break("field-removed", f"{place}/{name}", "the field is gone")
            else:
                yield Break("field-ignored", f"{place}/{name}", "the field is no longer read")
        was, now = set(old.get("required", ())), set(new.get("required", ()))
        if self._direction == "request":
            for name in sorted((now - was) & set(after)):
                yield Break("field-required", f"{place}/{name}", "the field must be sent now")
        else:
            for name in sorted((was - now) & set(before) & set(after)):
                yield Break("field-optional", f"{place}/{name}", "the field may be missing now")

    def _properties(self, document: Document, schema: Node, hidden: str) -> dict[str, Any]:
        listed = schema.get("properties", {}).items()
        return {name: each for name, each in listed if not document.resolve(each).get(hidden)}


def _alternatives(document: Document, schema: Any, depth: int = 0) -> list[Node]:
    """Return the schemas of which a value fulfils one: references followed, `allOf` merged, the choices unfolded."""
    node = document.resolve(schema)
    if depth > DEEPEST:
        return [node]
    if "allOf" in node:
        node = _merge(document, node)
    choices = [*node.get("oneOf", ()), *node.get("anyOf", ())]
    if not choices:
        return [node]
    return [each for choice in choices for each in _alternatives(document, choice, depth + 1)]


def _merge(document: Document, node: Node) -> Node:
    merged: Node = {key: value for key, value in node.items() if key != "allOf"}
    for part in node["allOf"]:
        each = document.resolve(part)
        each = _merge(document, each) if "allOf" in each else each
        for key, value in each.items():
            if key == "properties":
                merged[key] = {**value, **merged.get(key, {})}
            elif key == "required":
                merged[key] = sorted({*value, *merged.get(key, ())})
            else:
                merged.setdefault(key, value)
    return merged


def _types(schema: Node) -> set[str]:
    """Return the types that a schema allows, empty for any; "null" as in 3.1, `nullable` as in 3.0."""
    named = schema.get("type", [])
    types = {named} if isinstance(named, str) else set(named)
    return types | {"null"} if schema.get("nullable") and types else types


def _covers(wide: set[str], narrow: set[str]) -> bool:
    if not wide:
        return True
    more = wide | {"integer"} if "number" in wide else wide
    return bool(narrow) and narrow <= more


def _enum(schema: Node) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    values = schema.get("enum")
    return list(values) if values is not None else None


def _limits(old: Node, new: Node, place: str) -> Iterator[Break]:
    yield from _narrower(old, new, place, _UPPER, lambda was, now: now < was)
    yield from _narrower(old, new, place, _LOWER, lambda was, now: now > was)
    if "pattern" in new and old.get("pattern") != new["pattern"]:
        yield Break("limit-narrower", place, "its pattern is another one")
    if not _takes_more(new) and _takes_more(old):
        yield Break("limit-narrower", place, "fields that are not listed are refused now")


def _narrower(
    old: Node, new: Node, place: str, names: tuple[str, ...], is_narrower: Callable[[Any, Any], bool]
) -> Iterator[Break]:
    for name in names:
        if name in new and (name not in old or is_narrower(old[name], new[name])) and not _is_idle(name, new[name]):
            was = f"was {old[name]}" if name in old else "was not there"
            yield Break("limit-narrower", place, f"{name} {was} and is {new[name]}")


def _is_idle(name: str, value: Any) -> bool:
    """Tell whether a limit excludes nothing: no text is shorter than 0."""
    return name in ("minLength", "minItems", "minProperties") and value == 0


def _takes_more(schema: Node) -> bool:
    return schema.get("additionalProperties") is not False


def _join(values: Any) -> str:
    named = sorted(map(str, values))
    return " or ".join(named) if named else "any"
