"""Measurements, findings and tables of the probe "parity"."""

from __future__ import annotations

from typing import Any

from harness.evidence import Finding, Measurement, Severity
from harness.probes.parity.comparison import What
from harness.probes.parity.measured import Measured, Seen

_SEVERITY: dict[What, Severity] = {"status": "high", "headers": "medium", "body": "high", "rows": "high"}
_REMEDY = (
    "Let the candidate do what the baseline release does, or declare the difference with its reason under 'differs' in "
    "operations.toml."
)


def measurements(measured: Measured) -> list[Measurement]:
    """Return all numbers."""
    numbers = {
        "comparisons": sum(measured.comparisons.values()),
        "operations": len(measured.operations),
        "actors": len(measured.actors),
        "status differences": measured.of("status"),
        "header differences": measured.of("headers"),
        "body differences": measured.of("body"),
        "row differences": measured.of("rows"),
        "undeclared differences": len(measured.undeclared),
        "unstable operations": len(measured.unstable),
        "operations not compared": len(measured.not_compared),
    }
    if measured.unused is not None:
        numbers["unused declarations"] = len(measured.unused)
    return [Measurement(name=name, value=value) for name, value in numbers.items()]


def findings(measured: Measured) -> list[Finding]:
    """Name every difference that nobody declared, every declaration that nobody needs, and what cannot be known."""
    found = [_difference(each) for each in measured.undeclared]
    found += [
        Finding(
            code="parity-unstable",
            severity="medium",
            about=operation,
            why=f"two instances of the baseline release answer the same request differently ({case})",
            remedy="Make the answer repeatable: nothing can be compared with one that changes.",
        )
        for operation, case in measured.unstable.items()
    ]
    found += [
        Finding(
            code="parity-unused-declaration",
            severity="low",
            about=operation,
            why=f"no {each.what} differ at {pattern!r}, as declared: {each.reason}",
            remedy="Remove it from operations.toml, or correct its pattern, status or actor.",
        )
        for operation, each, pattern in measured.unused or []
    ]
    return found


def summary(measured: Measured) -> str:
    """Return the line for the terminal."""
    text = (
        f"{len(measured.operations)} operations as {len(measured.actors)} actors, "
        f"{sum(measured.comparisons.values())} comparisons"
    )
    undeclared = measured.undeclared
    if not undeclared:
        intended = len(measured.seen)
        return f"{text}, {intended} intended differences" if intended else f"{text}, no difference"
    first = undeclared[0]
    return f"{text}, {len(undeclared)} undeclared differences: {first.operation}, {_say(first)}"


def details(measured: Measured, notes: list[str]) -> dict[str, Any]:
    """Return the tables of the report."""
    return {
        "tables": [_overview(measured), _differences(measured), _by_itself(measured), _not_compared(measured)],
        "notes": [*notes, "Every request is rolled back. Values are compared as digests and never shown."],
    }


def _difference(seen: Seen) -> Finding:
    difference = seen.difference
    return Finding(
        code=f"parity-{difference.what}",
        severity=_SEVERITY[difference.what],
        about=seen.operation,
        why=f"{_say(seen)}, as {', '.join(seen.actors)} (first: {seen.first})",
        remedy=_REMEDY,
    )


def _say(seen: Seen) -> str:
    difference = seen.difference
    return f"{difference.what} {difference.where}{f': {difference.how}' if difference.how else ''}"


def _overview(measured: Measured) -> dict[str, Any]:
    rows: list[list[Any]] = []
    for operation in measured.operations:
        counts = [measured.comparisons.get((operation, actor), 0) for actor in measured.actors]
        seen = [each for each in measured.seen.values() if each.operation == operation]
        undeclared = sum(not each.reason for each in seen)
        rows.append([operation, *counts, len(seen) - undeclared, undeclared])
    columns = ["operation", *(f"as {actor}" for actor in measured.actors), "intended", "undeclared"]
    return {"title": "Comparisons", "columns": columns, "rows": rows}


def _differences(measured: Measured) -> dict[str, Any]:
    ordered = sorted(measured.seen.values(), key=lambda each: (bool(each.reason), each.operation))
    rows = [
        [
            each.operation,
            each.difference.what,
            each.difference.where,
            each.difference.how,
            ", ".join(each.actors),
            each.count,
            each.first,
            each.reason or "undeclared",
        ]
        for each in ordered
    ]
    columns = ["operation", "what", "where", "how", "as", "times", "first in", "reason"]
    return {"title": "Differences", "columns": columns, "rows": rows}


def _by_itself(measured: Measured) -> dict[str, Any]:
    rows = [[operation, ", ".join(sorted(paths))] for operation, paths in measured.by_itself.items() if paths]
    return {"title": "What differs in the baseline release by itself", "columns": ["operation", "where"], "rows": rows}


def _not_compared(measured: Measured) -> dict[str, Any]:
    rows = [[operation, reason] for operation, reason in measured.not_compared.items()]
    return {"title": "Operations that were not compared", "columns": ["operation", "why"], "rows": rows}
