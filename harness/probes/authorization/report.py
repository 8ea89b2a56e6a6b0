"""Measurements and the matrix of the probe "authorization"."""

from __future__ import annotations

from collections import Counter
from typing import Any

from harness.evidence import Measurement
from harness.probes.authorization.outcome import Outcome, Wrong

_KINDS: tuple[Wrong, ...] = ("wrongly allowed", "wrongly refused", "wrote although refused", "leaks")
_OTHERS = "another person"


def measurements(outcomes: list[Outcome]) -> list[Measurement]:
    """Return all numbers."""
    wrong: Counter[str] = Counter(kind for outcome in outcomes for kind, _ in outcome.wrongs())
    numbers: dict[str, int] = {
        "operations": len({outcome.operation.name for outcome in outcomes}),
        "actors": len({outcome.check.case.sender.name for outcome in outcomes}),
        "checks": len(outcomes),
    }
    numbers |= {kind: wrong[kind] for kind in _KINDS}
    return [Measurement(name=name, value=value) for name, value in numbers.items()]


def summary(outcomes: list[Outcome]) -> str:
    """Return the line for the terminal."""
    numbers = {each.name: each.value for each in measurements(outcomes)}
    text = f"{numbers['operations']} operations as {numbers['actors']} actors, {numbers['checks']} checks"
    wrong = [f"{numbers[kind]} {kind}" for kind in _KINDS if numbers[kind]]
    first = next((f": {each.operation.name}, {why}" for each in outcomes for _, why in each.wrongs()), "")
    return f"{text}, {', '.join(wrong) or 'all as declared'}{first}"


def matrix(outcomes: list[Outcome]) -> dict[str, Any]:
    """Return the table of operations and actors: what each may, and what each gets."""
    names = list(dict.fromkeys(_column(each) for each in outcomes if not each.check.others))
    columns = [*names, _OTHERS]
    cells: dict[str, dict[str, str]] = {}
    for each in outcomes:
        row = cells.setdefault(each.operation.name, {})
        cell, before = _cell(each), row.get(_column(each), "")
        row[_column(each)] = cell if before in ("", cell) else f"{before}, {cell}"
    rows = [[operation, *(row.get(name, "") for name in columns)] for operation, row in cells.items()]
    return {"title": "Who may do what", "columns": ["operation", *columns], "rows": rows}


def _column(outcome: Outcome) -> str:
    return _OTHERS if outcome.check.others else outcome.check.case.sender.name


def _cell(outcome: Outcome) -> str:
    word = "may" if outcome.check.expected == "served" else "may not"
    wrong = " WRONG" if any(outcome.wrongs()) else ""
    return f"{word}: {outcome.status}{wrong}"
