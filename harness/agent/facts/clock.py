"""A clock that stands still while the observer itself works, so that facts do not contain their own measurement."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter


class Clock:
    """Counts seconds without the pauses, which `paused_seconds` adds up."""

    def __init__(self) -> None:
        self.paused_seconds = 0.0
        self._depth = 0

    def now(self) -> float:
        """Return the seconds that have passed, from an arbitrary start, pauses left out."""
        return perf_counter() - self.paused_seconds

    def skip(self, seconds: float) -> None:
        """Leave out time that has already passed."""
        self.paused_seconds += seconds

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Stop for the time of the block; pauses may be nested."""
        start = perf_counter()
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            if not self._depth:
                self.paused_seconds += perf_counter() - start
