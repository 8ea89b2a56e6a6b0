"""The words of a failure: how many of what, which statement repeats, from where, and what to write instead."""

from __future__ import annotations

from typing import Any

from harness.pytest_plugin.captured import Captured
from harness.queries.words import tell
from harness.words import number

_SHOWN = 5
COLD = "Counted with empty content-type and site caches, whatever ran before."


def over_budget(captured: Captured, limit: str) -> str:
    """Say that a budget is exceeded (or missed) and show the statements, the most frequent first."""
    lines = [f"{number(captured.total, 'query', 'queries')}, {limit}: {counts(captured)}."]
    ordered = sorted(captured.statements, key=lambda each: -int(each["count"]))
    return "\n".join([*lines, *statements(ordered), "", COLD])


def repeated(found: list[dict[str, Any]]) -> str:
    """Say which statements repeat; one with a place "passes" is in a loop of the test, too."""
    times = number(len(found), "statement is", "statements are")
    return "\n".join([f"{times} repeated by one line (N+1).", *statements(found), "", COLD])


def counts(captured: Captured) -> str:
    """Return the counts per kind in words."""
    words = f"{number(captured.reads, 'read')}, {number(captured.writes, 'write')}"
    operations = sum(captured.cache.values())
    return (
        f"{words} (not counted: {captured.transactions} of transaction control, "
        f"{number(operations, 'cache operation')})"
    )


def statements(found: list[dict[str, Any]]) -> list[str]:
    """Return the lines that describe statements; beyond the first five only how many more there are."""
    shown = [each for each in found if each["kind"] != "transactions"]
    lines = [line for each in shown[:_SHOWN] for line in ("", *tell(each, f"{each['count']} x "), *_passes(each))]
    return [*lines, "", f"  and {len(shown) - _SHOWN} more"] if len(shown) > _SHOWN else lines


def _passes(each: dict[str, Any]) -> list[str]:
    """Say that the loop of the test may be what repeats a statement: the count is that of all its passes."""
    place = each.get("passes")
    if not place:
        return []
    over = f"{each['count']} times over all passes of the test's loop at {place['file']}:{place['line']}"
    return [f"      {over}; how often in one of them is not known"]
