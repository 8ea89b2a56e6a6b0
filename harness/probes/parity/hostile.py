"""Requests that nobody means well: what is missing, of the wrong type, too long, negative, or not JSON at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from harness.operations import Operation
from harness.probes.cast import Case, Cast, Sender, absent
from harness.probes.filling import PLACEHOLDER, Row

_TOO_LONG = "x" * 100_001
_KEYS: dict[str, Any] = {"zero": 0, "negative": -1, "no number": "abc", "too large": 10**20}
_PAGES: dict[str, Any] = {"second": 2, "beyond the last": 1_000_000, "zero": 0, "no number": "abc"}
_SIZES: dict[str, Any] = {"one": 1, "beyond the limit": 1_000_000, "negative": -1}
_BODIES: dict[str, dict[str, Any]] = {
    "body: empty object": {"body": {}},
    "body: a list": {"body": []},
    "body: a text": {"body": "text"},
    "body: nothing": {"body": None},
    "body: not JSON": {"body": None, "raw": '{"'},
    "body: a form": {"body": None, "raw": "a=1", "content_type": "application/x-www-form-urlencoded"},
}


_RARE = ("zero", "a list", "a text", "a boolean", "a number", "a fraction", "only spaces", "empty text")


def is_rare(case: Case) -> bool:
    """Tell whether a variation only asks in other words what another one asks: --quick leaves it out."""
    return case.name.endswith(_RARE)


def hostile(cast: Cast, operation: Operation, sender: Sender, values: Row, paging: tuple[str, ...]) -> Iterator[Case]:
    """Yield variations of one request; `paging` are the query parameters of page and page size, if they are tried."""
    base = cast.case(operation, sender, "", values)
    for name in dict.fromkeys(PLACEHOLDER.findall(operation.path)):
        for what, key in {"missing": absent(values[name]), **_KEYS}.items():
            yield cast.case(operation, sender, f"{{{name}}}: {what}", {**values, name: key})
    if not operation.writes and not operation.path.rstrip("/").endswith("}"):
        yield from _pages(base, paging)
    if base.request["body"] is not None:
        yield from _bodies(base, base.request["body"])
    yield base.vary("unknown method", method="PROPFIND")


def _pages(base: Case, paging: tuple[str, ...]) -> Iterator[Case]:
    path = base.request["path"]
    mark = "&" if "?" in path else "?"
    for parameter, values in zip(paging, (_PAGES, _SIZES), strict=False):
        for what, value in values.items():
            yield base.vary(f"?{parameter}: {what}", path=f"{path}{mark}{parameter}={value}")


def _bodies(base: Case, body: Any) -> Iterator[Case]:
    for name, changes in _BODIES.items():
        yield base.vary(name, **changes)
    if not isinstance(body, dict):
        return
    yield base.vary("body: an unknown field", body={**body, "harness_unknown": 1})
    for field, value in body.items():
        rest = {name: inner for name, inner in body.items() if name != field}
        yield base.vary(f"{field}: left out", body=rest)
        for what, wrong in _wrong(value).items():
            yield base.vary(f"{field}: {what}", body={**rest, field: wrong})


def _wrong(value: Any) -> dict[str, Any]:
    """Return values that a field like this one should not take."""
    found: dict[str, Any] = {"null": None, "an object": {"a": 1}, "a list": [], "empty text": "", "a boolean": True}
    if isinstance(value, bool):
        return {**found, "a text": "perhaps"}
    if isinstance(value, str) and not _is_number(value):
        return {**found, "too long": _TOO_LONG, "only spaces": "   ", "a NUL": "a\0b", "a number": 17}
    numbers = {"negative": -1, "zero": 0, "too large": 10**20, "a fraction": 1.005, "not a number": "NaN"}
    return {**found, **numbers, "a text": "abc"}


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
