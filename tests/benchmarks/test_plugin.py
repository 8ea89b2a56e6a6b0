"""What N+1 detection costs whole real suites: the platform's own and a foreign one, turn by turn, CPU time."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

from tests.benchmarks.suites import LIMIT, SUITES, Suite

ROUNDS = 5


@pytest.mark.parametrize("suite", SUITES, ids=lambda each: each.__name__)
def test_detection_in_a_whole_suite_costs_little(suite: Callable[[], Suite]) -> None:
    try:
        ready = suite()
    except subprocess.CalledProcessError:
        pytest.skip("The suite cannot be installed; is there a network?")
    found = ready.compare(ROUNDS)

    print(f"{ready.name}: {found}")  # noqa: T201
    assert found.ratio <= LIMIT
