"""What was compared, and everything that differed, counted by operation, actor and place."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.operations import Differs
from harness.probes.cast import Case
from harness.probes.parity.comparison import Difference, What


@dataclass
class Seen:
    """One kind of difference of one operation: as which actors, how often, in which case first."""

    operation: str
    difference: Difference
    reason: str
    first: str
    actors: list[str] = field(default_factory=list)
    count: int = 0


@dataclass
class Measured:
    """All that the probe knows.

    `problems` names what could not be compared at all; `unused` is None where too little was sent to know.
    """

    comparisons: dict[tuple[str, str], int] = field(default_factory=dict)
    seen: dict[tuple[str, Difference, str], Seen] = field(default_factory=dict)
    by_itself: dict[str, set[str]] = field(default_factory=dict)
    unstable: dict[str, str] = field(default_factory=dict)
    unused: list[tuple[str, Differs, str]] | None = None
    not_compared: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def count(self, case: Case) -> None:
        """Note that a case was compared."""
        key = (case.operation.name, case.sender.name)
        self.comparisons[key] = self.comparisons.get(key, 0) + 1

    def note(self, case: Case, difference: Difference, reason: str) -> None:
        """Note a difference and the reason for which it is intended, "" if it is not."""
        key = (case.operation.name, difference, reason)
        seen = self.seen.setdefault(key, Seen(case.operation.name, difference, reason, case.name))
        seen.count += 1
        if case.sender.name not in seen.actors:
            seen.actors.append(case.sender.name)

    @property
    def undeclared(self) -> list[Seen]:
        """The differences that nobody intends."""
        return [each for each in self.seen.values() if not each.reason]

    def of(self, what: What) -> int:
        """Return the number of differences of a kind, declared or not."""
        return sum(each.difference.what == what for each in self.seen.values())

    @property
    def operations(self) -> list[str]:
        """The operations that were compared."""
        return list(dict.fromkeys(operation for operation, _ in self.comparisons))

    @property
    def actors(self) -> list[str]:
        """The actors as which they were compared."""
        return list(dict.fromkeys(actor for _, actor in self.comparisons))
