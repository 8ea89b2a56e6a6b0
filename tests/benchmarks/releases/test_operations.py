"""The refactored release beside the baseline release, and beside SQL written by hand, on the same data.

Medians of requests that were sent in turns; a round of all arms is what pytest-benchmark itself counts and saves.
"""

from __future__ import annotations

from typing import Any

import pytest

from harness.databases import Server
from tests.benchmarks.releases.arms import Arm, interleaved, p50_ratio
from tests.benchmarks.releases.operations import OPERATIONS, Operation
from tests.benchmarks.releases.table import Cell, Measured

pytestmark = pytest.mark.postgres

TIMES_FASTER = 5.0
TIMES_BY_HAND = 2.5
SERVED_FROM = {"postgresql"}
"""Where the ratio to SQL by hand is a requirement: inside one process there is nothing but Python to compare."""
NEVER_SLOW = {"list users"}
"""Lists for which the baseline release already asked a constant number of questions."""


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_an_operation(
    benchmark: Any, server: Server, visited: dict[str, Arm], operation: Operation, measured: Measured
) -> None:
    running = {name: arm for name, arm in visited.items() if name != "by hand" or operation.by_hand}
    counted = {name: arm.visit(operation, 0) for name, arm in running.items()}
    seconds = benchmark.pedantic(interleaved, args=(running, operation), rounds=1)

    parents = visited["refactored"].parents
    by_hand = p50_ratio(seconds["refactored"], seconds["by hand"]) if operation.by_hand else None
    cell = Cell(
        {name: found["queries"] for name, found in counted.items()},
        p50_ratio(seconds["legacy"], seconds["refactored"]),
        by_hand,
    )
    measured[server.engine, operation.name, parents] = cell
    of_all_sizes = [measured[key] for key in measured if key[:2] == (server.engine, operation.name)]
    benchmark.extra_info.update(cell._asdict(), seconds=seconds, parents=parents, engine=server.engine)

    assert {found["status"][0] for found in counted.values()} == {"2"}, counted
    assert {cell.queries["refactored"] for cell in of_all_sizes} == {counted["refactored"]["queries"]}
    if operation.by_hand:
        assert counted["by hand"]["sha256"] == counted["refactored"]["sha256"]
    if parents == 200 and operation.is_list and operation.name not in NEVER_SLOW:
        assert cell.times_faster >= TIMES_FASTER
        assert by_hand is None or server.engine not in SERVED_FROM or by_hand <= TIMES_BY_HAND
