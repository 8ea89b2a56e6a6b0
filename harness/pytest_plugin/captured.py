"""What a block of a test asked of its databases."""

from __future__ import annotations

from functools import cached_property
from types import CodeType, FrameType
from typing import Any, ClassVar, Protocol

from harness.agent.caches import clear_caches
from harness.agent.callpath import describe
from harness.agent.capture import Capture
from harness.pytest_plugin.together import together


class Servers(Protocol):
    """What watched servers report: requests that began while a capture listened are its own."""

    def so_far(self, capture: Capture) -> list[dict[str, Any]]:
        """Return the reports of the requests that are answered."""

    def end(self, capture: Capture) -> str:
        """Wait for the requests that are not, and return in one sentence why the reports are not whole, or ""."""


class Captured:
    """The queries of a block, those of watched servers included; while the block is open, those so far.

    `reads`, `writes`, `transactions` (transaction control) and `cache` (operations of Django's caches) are counted
    apart; `total`, which budgets are about, is reads and writes. `unknown` says what could not be counted, once it is
    closed.
    """

    servers: ClassVar[Servers | None] = None

    def __init__(self) -> None:
        self._capture = Capture()
        self._is_open = False
        self.unknown = ""

    def open(self, opener: FrameType | None = None, *, cold: bool = True) -> None:
        """Begin to count, `cold` with empty content-type and site caches: it does not matter which test ran before."""
        if cold:
            clear_caches()
        self._is_open = True
        self._capture.open(opener)

    def close(self) -> None:
        """Stop counting; requests to watched servers are waited for."""
        self._capture.close()
        if self.servers is not None:
            self.unknown = self.servers.end(self._capture)
        self._is_open = False

    @property
    def report(self) -> dict[str, Any]:
        """Everything, as JSON types: see harness.agent.capture."""
        return self._report() if self._is_open else self._final

    @cached_property
    def _final(self) -> dict[str, Any]:
        return self._report()

    def _report(self) -> dict[str, Any]:
        served = self.served
        return together(self._capture.report(), served) if served else self._capture.report()

    @property
    def served(self) -> list[dict[str, Any]]:
        """The reports of requests to watched servers, one for each."""
        return self.servers.so_far(self._capture) if self.servers is not None else []

    @property
    def statements(self) -> list[dict[str, Any]]:
        """The distinct statements, each with "sql", "count", "path", "relation" and "advice"."""
        return list(self.report["statements"])

    @property
    def reads(self) -> int:
        """How many statements read."""
        return int(self.report["queries"]["reads"])

    @property
    def writes(self) -> int:
        """How many statements wrote."""
        return int(self.report["queries"]["writes"])

    @property
    def transactions(self) -> int:
        """How many statements controlled a transaction: savepoints, mostly."""
        return int(self.report["queries"]["transactions"])

    @property
    def cache(self) -> dict[str, int]:
        """How often each operation of the caches was called."""
        return dict(self.report["cache"])

    @property
    def total(self) -> int:
        """Reads and writes."""
        return self.reads + self.writes

    @property
    def by_table(self) -> dict[str, int]:
        """Reads and writes by the table that they are about."""
        counts: dict[str, int] = {}
        for each in self.statements:
            if each["kind"] != "transactions":
                counts[each["table"]] = counts.get(each["table"], 0) + each["count"]
        return counts

    def busy(self, times: int) -> list[list[dict[str, Any]]]:
        """Return the paths on which one line may have repeated a statement `times` times; it costs little.

        A path in a server is not the test's, whatever is on it, and so is empty.
        """
        served = [each for report in self.served for each in report["statements"] if each["most"] >= times]
        return [describe(path) for path in self._capture.busy(times)] + [[] for _ in served]

    @property
    def repeated(self) -> list[dict[str, Any]]:
        """The statements that one line repeated within one request, the most frequent first; batches are left out."""
        found = [each for each in self.statements if each["most"] > 1 and not each["benign"]]
        return sorted(found, key=lambda each: -int(each["most"]))

    def __len__(self) -> int:
        return self.total


def end_paths_at(*functions: CodeType) -> None:
    """Let call paths end where the test runner begins."""
    from harness.agent.callpath import end_at

    for each in functions:
        end_at(each)
