"""Proves how the queries of a block follow the number of rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Literal

import pytest

from harness.pytest_plugin.captured import Captured
from harness.pytest_plugin.judging import check_known
from harness.queries.growth import Growth, counted, excess, read
from harness.queries.words import tell

Claim = Literal["constant", "linear"]
_FEWEST = 3
_UNSEEN = (
    "queries.grow() takes its rows back, so a server in another process never sees them and nothing would be proven; "
    "count the request with few rows and with many instead, each in a block of queries()."
)
_WARM = "Counted warm: in each world the block ran once before it was counted."


def prove(populate: Callable[[int], Any], run: Callable[[], Any], sizes: Sequence[int], claim: Claim) -> Growth:
    """Count `run` in a world of each size and fail the test where it grows faster than claimed, or proves nothing."""
    if len(set(sizes)) < _FEWEST:
        pytest.fail(f"Growth needs at least {_FEWEST} different sizes; these are {list(sizes)}.", pytrace=False)
    results = [_measure(populate, run, size, twice=size == max(sizes)) for size in sizes]
    growth = read("N", results, 0)
    if not any(growth.totals):
        pytest.fail("The block ran no query at any size, so nothing is proven; does run() do the work?", pytrace=False)
    if counted(results[-1]["answers"][0]) != counted(results[-1]["again"][0]):
        pytest.fail("Not deterministic: two equal runs ran different queries, so growth is not known.", pytrace=False)
    if excess(growth, claim):
        pytest.fail(_words(growth, claim), pytrace=False)
    return growth


def _measure(populate: Callable[[int], Any], run: Callable[[], Any], size: int, *, twice: bool) -> dict[str, Any]:
    with _undone():
        populate(size)
        run()
        answer = _count(run)
        again = [_count(run)] if twice else []
    return {"size": size, "answers": [answer], "again": again}


def _count(run: Callable[[], Any]) -> dict[str, Any]:
    captured = Captured()
    captured.open(cold=False)
    try:
        run()
    finally:
        captured.close()
    check_known(captured)
    if captured.served:
        pytest.fail(_UNSEEN, pytrace=False)
    return captured.report


@contextmanager
def _undone() -> Iterator[None]:
    """Roll back what happens on every database that the test has in a transaction, "default" at least."""
    from django.db import DEFAULT_DB_ALIAS, connections

    from harness.agent.requests import undone

    aliases = [alias for alias in connections if connections[alias].in_atomic_block] or [DEFAULT_DB_ALIAS]
    with ExitStack() as stack:
        for alias in aliases:
            stack.enter_context(undone(alias))
        yield


def _words(growth: Growth, claim: Claim) -> str:
    lines = [f"{growth.formula} queries with N rows, {claim} is claimed."]
    for group in excess(growth, claim):
        counts = ", ".join(map(str, group.counts))
        sizes = ", ".join(map(str, group.sizes))
        lines += ["", f"  {group.shape}: {counts} times at {sizes} rows", *tell(group.statement, "")]
    return "\n".join([*lines, "", _WARM])
