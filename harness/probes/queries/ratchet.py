"""Holds what operations need today against their budgets and against the ledger."""

from __future__ import annotations

from collections.abc import Iterator

from harness.operations import Operation
from harness.probes.queries.side import Side
from harness.queries import ledger
from harness.queries.growth import excess
from harness.queries.ledger import Entry
from harness.queries.words import at_most, tell
from harness.words import number


class Ratchet:
    """One release beside its budgets and what was recorded."""

    def __init__(self, side: Side, operations: list[Operation], recorded: dict[str, Entry]) -> None:
        self.side = side
        self.recorded = recorded
        self.entries = {name: ledger.entry(answer) for name, answer in side.answers.items()}
        self._operations = [each for each in operations if each.name in side.answers]

    @property
    def missing(self) -> list[str]:
        """What is not known, so that nothing can be said."""
        new = [name for name in self.entries if name not in self.recorded]
        unrecorded = [f"{name!r} is not in the ledger; record it with 'harness queries record'." for name in new]
        return [*self.side.problems, *unrecorded]

    @property
    def wrong(self) -> list[str]:
        """The lines about every operation that is over its budget, grows, or needs more than recorded."""
        return [line for operation in self._operations for line in self._wrong(operation)]

    @property
    def better(self) -> list[str]:
        """The operations that need less than recorded."""
        pairs = [(name, now, self.recorded[name]) for name, now in self.entries.items() if name in self.recorded]
        return [name for name, now, then in pairs if not ledger.worse(then, now) and ledger.worse(now, then)]

    def rows(self) -> Iterator[tuple[str, str]]:
        """Yield each operation with its counts in words."""
        for each in self._operations:
            entry, then = self.entries[each.name], self.recorded.get(each.name)
            words = f"{number(entry['reads'], 'read')}, {number(entry['writes'], 'write')}"
            growths = [f"{growth.formula} with {growth.table}" for growth in self.side.growth.get(each.name, [])]
            before = f", recorded {then['reads']} and {then['writes']}" if then else ", not recorded"
            limit = f", at most {each.queries.at_most}" if each.queries.at_most is not None else ""
            yield each.name, "; ".join([words + before + limit, *growths])

    def _wrong(self, operation: Operation) -> Iterator[str]:
        name, entry = operation.name, self.entries[operation.name]
        statements = self.side.answers[name]["statements"]
        total, limit = entry["reads"] + entry["writes"], operation.queries.at_most
        if limit is not None and total > limit:
            yield f"{name}: {number(total, 'query', 'queries')}, {at_most(limit)}"
            yield from tell(max(statements, key=lambda each: int(each["count"])), "most often ")
        then = self.recorded.get(name)
        if then and (worse := ledger.worse(then, entry)):
            yield f"{name}: {worse}"
            for statement in statements:
                if statement["kind"] != "transactions" and ledger.is_more(then, statement):
                    yield from tell(statement, f"{statement['count']} x ")
        for growth in self.side.growth.get(name, []):
            for group in excess(growth, operation.queries.grows):
                counts = ", ".join(map(str, group.counts))
                yield f"{name}: {group.shape} with {growth.table}, {counts} times"
                yield from tell(group.statement, "")
