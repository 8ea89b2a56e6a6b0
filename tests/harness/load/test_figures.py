"""What recorded answers say, and when they must not be believed."""

from __future__ import annotations

from collections import Counter

import pytest

from harness.probes.load.figures import Columns, Figures, Results, percentile


def results(
    milliseconds: list[float],
    *,
    warmup: float = 0.0,
    seconds: float = 10.0,
    late: float = 0.0,
    status: int = 200,
    ok: int = 1,
    cpu: float = 0.1,
    machine: float = 0.5,
    names: tuple[str, ...] = ("read",),
) -> Results:
    count = len(milliseconds)
    return Results(
        warmup=warmup,
        seconds=seconds,
        ended=warmup + seconds,
        generator_cpu=cpu,
        machine_cpu=machine,
        operations=list(names),
        columns=Columns(
            operation=[index % len(names) for index in range(count)],
            due=[index * (warmup + seconds) / max(count, 1) for index in range(count)],
            late=[late] * count,
            service=[each / 1000 for each in milliseconds],
            status=[status] * count,
            ok=[ok] * count,
        ),
    )


def figures(found: Results, least: int = 1, **asked: int) -> Figures:
    return Figures(found, Counter(asked or {"read": len(found.columns.due)}), least)


def test_percentiles_are_values_that_were_measured() -> None:
    times = [float(each) for each in range(1, 101)]

    assert [percentile(times, share) for share in (0.5, 0.95, 0.99, 1.0)] == [50, 95, 99, 100]
    assert percentile([7.0], 0.99) == 7


def test_times_count_from_when_a_request_was_due() -> None:
    assert figures(results([10, 10, 10], late=0.5)).percentiles()["p50"] == pytest.approx(510)


def test_the_warm_up_is_left_out_of_the_times_and_not_out_of_the_failures() -> None:
    found = figures(results([1000, 1000, 5, 5], warmup=5.0, seconds=5.0, status=500, ok=0), read=2)

    assert found.requests == 2
    assert found.percentiles()["max"] == pytest.approx(5)
    assert found.failures() == {("read", 500): 4}
    assert found.error_share == 100


def test_a_request_without_an_answer_is_an_error() -> None:
    assert figures(results([5.0] * 9), read=10).error_share == pytest.approx(10)


def test_sound_figures_have_nothing_against_them() -> None:
    found = figures(results([5.0] * 100), least=100)

    assert found.unsound() == []
    assert (found.rate_asked, found.rate_achieved) == (10, 10)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (figures(results([]), read=10), "no request was answered"),
        (figures(results([5.0] * 50), least=100), "only 50 requests were measured, the profile wants at least 100"),
        (figures(results([5.0] * 50), read=50, write=1), "no traffic on write"),
        (figures(results([5.0] * 90), read=100), "9.0 of 10.0 requests per second were sent and answered (90 %)"),
        (figures(results([5.0] * 100, late=5.0)), "5.1 of 10.0 requests per second were sent"),
        (figures(results([5.0] * 50, cpu=0.71)), "the load generator used 71 % of a core, so it measured itself"),
        (figures(results([5.0] * 50, machine=0.91)), "the machine was 91 % busy"),
    ],
)
def test_unsound_figures_say_why(found: Figures, reason: str) -> None:
    assert any(reason in each for each in found.unsound())


def test_every_second_has_its_own_figures() -> None:
    found = figures(results([5.0, 7.0] * 10, seconds=2.0))

    assert found.per_second() == [[0, 10, 7.0, 0], [1, 10, 7.0, 0]]
