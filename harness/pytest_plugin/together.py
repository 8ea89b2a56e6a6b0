"""Adds what watched servers asked to what the test's own process asked."""

from __future__ import annotations

from typing import Any


def together(own: dict[str, Any], served: list[dict[str, Any]]) -> dict[str, Any]:
    """Return one report like that of a capture; "most" stays the count within one request, and "served" marks servers'.

    What several requests asked from the same lines is one statement.
    """
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for each in (statement for report in served for statement in report["statements"]):
        _add(found, {**each, "served": True})
    everything = [own, *served]
    return {
        "queries": _sums([report["queries"] for report in everything]),
        "cache": _sums([report["cache"] for report in everything]),
        "statements": [*own["statements"], *found.values()],
        "database_seconds": sum(report["database_seconds"] for report in everything),
    }


def _add(found: dict[tuple[Any, ...], dict[str, Any]], statement: dict[str, Any]) -> None:
    key = statement["database"], statement["fingerprint"], *(tuple(place.items()) for place in statement["path"])
    before = found.setdefault(key, statement)
    if before is statement:
        return
    total = before["count"] + statement["count"]
    # The request that repeated it most has the most to say: a relation and an advice.
    telling = max(before, statement, key=lambda each: int(each["most"]))
    found[key] = {**telling, "count": total, "benign": before["benign"] and statement["benign"]}


def _sums(counts: list[dict[str, int]]) -> dict[str, int]:
    return {kind: sum(each.get(kind, 0) for each in counts) for kind in {kind for each in counts for kind in each}}
