"""What a captured query costs beside a bare one and CaptureQueriesContext: CPU time, in turns of random order."""

from __future__ import annotations

import gc
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from random import sample
from statistics import median
from time import process_time
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import Course
from harness.agent.capture import Capture
from tests.factories import CourseFactory

QUERIES = 400
ROUNDS = 25
DEEP = 30
LIMIT = 1.06


@pytest.mark.django_db
def test_a_captured_query_costs_less_than_one_in_djangos_own_context() -> None:
    key = CourseFactory().pk
    variants: dict[str, Callable[[], AbstractContextManager[Any]]] = {
        "bare": nullcontext,
        "capture": Capture,
        "django": lambda: CaptureQueriesContext(connection),
    }
    seconds: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(ROUNDS):
        for name, variant in sample(list(variants.items()), len(variants)):
            gc.collect()
            start = process_time()
            deep(DEEP, lambda: work(variant, key))  # noqa: B023
            seconds[name].append(process_time() - start)

    own = ratio(seconds["capture"], seconds["bare"])
    djangos = ratio(seconds["django"], seconds["bare"])
    print(f"capture {own:.3f}, CaptureQueriesContext {djangos:.3f}, each to bare")  # noqa: T201
    assert own <= LIMIT
    assert own < djangos


def work(variant: Callable[[], AbstractContextManager[Any]], key: int) -> None:
    with variant():
        for _ in range(QUERIES):
            Course.objects.get(pk=key)


def deep(frames: int, run: Callable[[], None]) -> None:
    """Call from as deep a stack as a test's."""
    run() if not frames else deep(frames - 1, run)


def ratio(measured: list[float], base: list[float]) -> float:
    """Return the median of the ratios, round by round."""
    return median(one / other for one, other in zip(measured, base, strict=True))
