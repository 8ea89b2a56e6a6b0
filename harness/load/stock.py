"""The requests of a plan, handed out one by one; no row of a write is handed out twice."""

from __future__ import annotations

from harness.load.wire import Packet, pack
from harness.probes.load.plan import Plan, Sendable


class Stock:
    """Lives as long as the process: a second run goes on where the first one stopped, as the platform does.

    With several workers each has the writes `position`, `position + workers` and so on.
    """

    def __init__(self, plan: Plan) -> None:
        self.packets = [pack(each) for each in plan.requests]
        self._next: dict[str, int] = {}
        self.position = 0
        self.workers = 1

    def take(self, operation: Sendable) -> Packet | None:
        """Return the next request of an operation; None where a write has no row left."""
        number = self._next.get(operation.name, 0)
        self._next[operation.name] = number + 1
        index = self.position + number * self.workers
        if operation.writes and index >= operation.count:
            return None
        return self.packets[operation.first + index % operation.count]
