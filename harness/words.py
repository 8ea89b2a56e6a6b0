"""Numbers in words, for every room."""

from __future__ import annotations


def number(n: int, one: str, many: str = "") -> str:
    """Return a number with its noun: "1 read", "2,000 reads"; `many` is the plural where it is not `one` with an s."""
    return f"{n:,} {one if n == 1 else many or f'{one}s'}"
