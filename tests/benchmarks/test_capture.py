"""What a captured query costs beside a bare one and one in CaptureQueriesContext: CPU time, in several processes."""

from __future__ import annotations

from statistics import median

from tests.benchmarks.query_cost import DJANGO, OWN, costs

LIMIT = 1.06


def test_a_captured_query_costs_less_than_one_in_djangos_own_context() -> None:
    measured = costs(OWN)

    own, djangos = ([each[name] for each in measured] for name in (OWN, DJANGO))
    print(f"capture {_shown(own)}, CaptureQueriesContext {_shown(djangos)}, each to bare")  # noqa: T201
    assert median(own) <= LIMIT
    assert median(own) < median(djangos)


def _shown(ratios: list[float]) -> str:
    return f"{median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})"
