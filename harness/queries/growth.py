"""How the number of queries follows the number of rows: exact slopes of each statement, no totals, no fit."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise
from typing import Any, Literal

import msgspec

Shape = Literal["constant", "linear", "linear up to a page", "from a threshold", "superlinear", "irregular"]
LINEAR: tuple[Shape, ...] = ("linear", "linear up to a page")
SIZES = (1, 2, 5, 9, 60)
"""Row counts: small ones with unequal gaps, so that a line can be told from a curve, and one beyond a usual page."""
QUICK_SIZES = (1, 2, 9)
"""Three of them, which tell whether something grows but not where it stops."""


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """One statement from one call path; `counts` is how often it ran, for each size in ascending order.

    `statement` is what the capture tells of it at the largest size where it ran.
    """

    sql: str
    kind: str
    path: list[dict[str, Any]]
    sizes: list[int]
    counts: list[int]
    statement: dict[str, Any] = {}

    @property
    def slopes(self) -> list[Fraction]:
        """The slopes between neighbouring sizes, exactly."""
        steps = zip(self.sizes, self.sizes[1:], self.counts, self.counts[1:], strict=False)
        return [Fraction(after - before, larger - smaller) for smaller, larger, before, after in steps]

    @property
    def shape(self) -> Shape:
        """The class of its growth. What runs at most once is constant, whenever it starts to.

        So is what differs for a single row only: a choice is offered where there are two or more to choose from.
        """
        slopes = self.slopes
        if max(self.counts) <= 1 or all(slope <= 0 for slope in slopes) or self._differs_for_one_row:
            return "constant"
        if len(set(slopes)) == 1:
            return "linear"
        if all(slope >= 0 for slope in slopes):
            return _rising(slopes)
        return "irregular"

    @property
    def _differs_for_one_row(self) -> bool:
        return len(self.sizes) > 2 and self.sizes[1] <= 2 and len(set(self.counts[1:])) == 1

    @property
    def grows(self) -> bool:
        """Whether it runs more often when there are more rows, other than in batches of Django's."""
        return self.shape != "constant" and not self.statement.get("benign")


class Growth(msgspec.Struct, frozen=True, kw_only=True):
    """How one operation follows one table."""

    table: str
    sizes: list[int]
    totals: list[int]
    groups: list[Group]

    @property
    def growing(self) -> list[Group]:
        """The statements that grow, the fastest first."""
        return sorted((group for group in self.groups if group.grows), key=lambda each: -max(each.counts))

    @property
    def formula(self) -> str:
        """The total in words of N, the number of rows: "3", "3 + 2N", or the totals at smallest and largest size."""
        growing = self.growing
        if not growing:
            return str(self.totals[-1])
        slope = sum((group.slopes[0] for group in growing), Fraction(0))
        start = self.totals[0] - slope * self.sizes[0]
        straight = all(group.shape in ("linear", "linear up to a page") for group in growing)
        if straight and slope.denominator == 1 and start >= 0:
            return f"{start} + {slope}N" if slope != 1 else f"{start} + N"
        return f"{self.totals[0]} at {self.sizes[0]}, {self.totals[-1]} at {self.sizes[-1]}"

    @property
    def worst(self) -> Shape:
        """The class of the statement that grows worst."""
        order: tuple[Shape, ...] = (
            "constant",
            "linear up to a page",
            "linear",
            "from a threshold",
            "irregular",
            "superlinear",
        )
        return max((group.shape for group in self.groups), key=order.index, default="constant")


def read(table: str, results: list[dict[str, Any]], index: int) -> Growth:
    """Make the growth of the `index`-th request out of what the agent's `grow` returned."""
    ordered = sorted(results, key=lambda result: result["size"])
    sizes = [result["size"] for result in ordered]
    answers = [result["answers"][index] for result in ordered]
    totals = [each["queries"]["reads"] + each["queries"]["writes"] for each in answers]
    return Growth(table=table, sizes=sizes, totals=totals, groups=list(_groups(sizes, answers)))


def excess(growth: Growth, claim: str) -> list[Group]:
    """Return the statements that grow faster than claimed: "constant", "linear", or "" for any growth."""
    if not claim:
        return []
    return [group for group in growth.growing if claim == "constant" or group.shape not in LINEAR]


def counted(answer: dict[str, Any]) -> dict[tuple[str, ...], int]:
    """Count each statement of an answer by its identity: fingerprint and call path."""
    return {identity(each): each["count"] for each in answer["statements"] if each["kind"] != "transactions"}


def _groups(sizes: list[int], answers: list[dict[str, Any]]) -> Iterable[Group]:
    counts = [counted(answer) for answer in answers]
    seen = {
        identity(each): each for answer in answers for each in answer["statements"] if each["kind"] != "transactions"
    }
    for key, each in seen.items():
        yield Group(
            sql=each["sql"],
            kind=each["kind"],
            path=each["path"],
            sizes=sizes,
            counts=[count.get(key, 0) for count in counts],
            statement=each,
        )


def identity(statement: dict[str, Any]) -> tuple[str, ...]:
    """Return what makes two statements the same: fingerprint and lines of the project, not those of packages."""
    own = [place for place in statement["path"] if not place.get("installed")]
    return statement["fingerprint"], *(f"{place['file']}:{place['line']}" for place in own)


def _rising(slopes: list[Fraction]) -> Shape:
    first = next(position for position, slope in enumerate(slopes) if slope > 0)
    rest = slopes[first:]
    if first and len(set(rest)) == 1:
        return "from a threshold"
    if not first:
        straight = [slope for slope in rest if slope == rest[0]]
        if rest[: len(straight)] == straight and all(slope < rest[0] for slope in rest[len(straight) :]):
            return "linear up to a page"
    if all(earlier <= later for earlier, later in pairwise(rest)):
        return "superlinear"
    return "irregular"
