"""A run knows when it ended, and who fell silent before that."""

from __future__ import annotations

import time

import pytest

from harness.load.show import Show
from harness.probes.load.profiles import FREE
from tests.harness.load.plans import make_plan


@pytest.fixture
def show() -> Show:
    """A run that goes on."""
    made = Show(make_plan("/quick/"))
    made.ready(made.plan.profiles["short"], ["Student"])
    made.begin()
    return made


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let time pass."""
    monotonic, counter = time.monotonic, time.perf_counter
    monkeypatch.setattr("time.monotonic", lambda: monotonic() + seconds)
    monkeypatch.setattr("time.perf_counter", lambda: counter() + seconds)


def test_a_worker_that_falls_silent_during_the_run_is_lost(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    show.workers = {"first": time.monotonic(), "second": time.monotonic() + 60}
    later(monkeypatch, 10)

    assert show.results().lost == ["first"]


def test_after_the_end_nobody_is_lost(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    show.workers = {"first": time.monotonic()}
    show.close()
    later(monkeypatch, 10)

    assert show.results().lost == []


def test_a_run_that_is_stopped_by_hand_ends_when_it_is_told_to(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    later(monkeypatch, 2)
    show.halt("by hand")
    later(monkeypatch, 10)
    show.close()

    results = show.results()
    assert results.stopped == "by hand"
    assert results.ended == pytest.approx(2, abs=0.2)
    assert show.asked().total() == pytest.approx(20 * 1.5, abs=3)


def test_people_without_a_shape_may_be_stopped_at_any_time(monkeypatch: pytest.MonkeyPatch) -> None:
    show = Show(make_plan("/quick/"))
    show.ready(FREE, [])
    show.begin()

    show.halt("by hand")

    assert (show.results().stopped, show.results().profile) == ("", "")


def test_a_worker_that_does_not_say_how_busy_it_is_leaves_that_unknown(show: Show) -> None:
    show.cpu = {"this process": (0.1, 0.2), "worker": (0.3, 0.2)}
    assert show.results().generator_cpu == 0.3

    show.cpu["silent"] = (0.0, 0.0)
    assert show.results().generator_cpu == 0.0
