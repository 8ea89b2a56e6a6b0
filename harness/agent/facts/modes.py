"""The lock modes of PostgreSQL, weakest first, and the verbs that each of them blocks."""

from __future__ import annotations

from collections.abc import Iterable

MODES = (
    "AccessShare",
    "RowShare",
    "RowExclusive",
    "ShareUpdateExclusive",
    "Share",
    "ShareRowExclusive",
    "Exclusive",
    "AccessExclusive",
)
VERBS = ("SELECT", "SELECT FOR UPDATE", "INSERT", "UPDATE", "DELETE")
WRITES = ("INSERT", "UPDATE", "DELETE")

_RANK = {mode: rank for rank, mode in enumerate(MODES)}


def rank(mode: str) -> int:
    """Return the strength of a mode, 0 for AccessShare; -1 for "", no lock."""
    return _RANK.get(mode, -1)


def strongest(modes: Iterable[str]) -> str:
    """Return the strongest of some modes, "" for none."""
    return max(modes, key=rank, default="")


def blocked_verbs(mode: str) -> list[str]:
    """Return the verbs that wait while somebody holds `mode` on a table (the documented conflict table)."""
    if mode == "AccessExclusive":
        return list(VERBS)
    if mode == "Exclusive":
        return list(VERBS[1:])
    return list(WRITES) if rank(mode) >= rank("Share") else []
