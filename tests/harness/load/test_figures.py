"""What recorded answers say, and when they must not be believed."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
import pytest

from harness.probes.load.figures import Figures, percentile
from harness.probes.load.profiles import Profile, Threshold
from harness.probes.load.results import Columns, Results
from harness.probes.load.soundness import believed, doubts
from harness.probes.load.thresholds import read_thresholds


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
    queries: int = 3,
    **more: Any,
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
            queries=[queries] * count,
            database=[2.0] * count,
            cpu=[4.0] * count,
        ),
        **more,
    )


@pytest.mark.parametrize("trouble", [{"cpu": 0.9}, {"lost": ["a"], "workers": 2}], ids=["busy", "lost"])
def test_what_the_generator_may_have_broken_is_not_known_to_be_broken(trouble: dict[str, Any]) -> None:
    limits = [Threshold(measure="p95", at_most=5), Threshold(measure="queries per request", at_most=1)]
    fast = Threshold(measure="p50", at_most=50)
    sound, doubtful = results([10.0] * 20), results([10.0] * 20, **trouble)

    def states(found: Results) -> list[str]:
        return [each.state for each in believed(read_thresholds([*limits, fast], figures(found)), found)]

    assert states(sound) == ["broken", "broken", "held"]
    assert states(doubtful) == ["no data", "broken", "held"]


def figures(found: Results, think: float = 0.0, **asked: int) -> Figures:
    return Figures(found, Counter(asked or {"read": len(found.columns.due)}), think=think)


def against(found: Figures, least: int = 1, least_each: int = 1, build: str = "") -> list[str]:
    return doubts(found, Profile(rate=10, seconds=10, least=least, least_each=least_each), build)


def test_percentiles_are_values_that_were_measured() -> None:
    times = [float(each) for each in range(1, 101)]

    assert [percentile(times, share) for share in (0.5, 0.95, 0.99, 1.0)] == [50, 95, 99, 100]
    assert percentile([7.0], 0.99) == 7


def test_times_count_from_when_a_request_was_due() -> None:
    assert figures(results([10, 10, 10], late=0.5)).percentiles()["p50"] == pytest.approx(510)


def test_what_people_did_not_send_while_they_waited_is_added() -> None:
    found = figures(results([100.0] * 9 + [2050.0]), think=0.5, read=0)

    assert [round(1000 * time) for time in found.times()[-5:]] == [50, 550, 1050, 1550, 2050] or found.times()[-1] > 2
    assert len(found.times()) == 14
    assert found.requests == 10


def test_the_warm_up_is_left_out_of_the_times_and_not_out_of_the_failures() -> None:
    found = figures(results([1000, 1000, 5, 5], warmup=5.0, seconds=5.0, status=500, ok=0), read=2)

    assert found.requests == 2
    assert found.percentiles()["max"] == pytest.approx(5)
    assert found.failures() == {("read", 500): 4}
    assert found.error_share() == 100


def test_a_request_without_an_answer_is_an_error() -> None:
    assert figures(results([5.0] * 9), read=10).error_share() == pytest.approx(10)
    assert figures(results([5.0] * 9), read=10).error_share("read") == pytest.approx(10)


def test_while_a_run_goes_on_what_is_not_answered_yet_is_no_error() -> None:
    assert Figures(results([5.0] * 9), Counter(read=10), live=True).error_share() == 0


def test_sound_figures_have_nothing_against_them() -> None:
    found = figures(results([5.0] * 100))

    assert against(found, least=100) == []
    assert (found.rate_asked, found.rate_achieved()) == (10, 10)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (figures(results([]), read=10), "no request was answered"),
        (figures(results([5.0] * 50)), "only 50 requests were measured, the profile wants at least 100"),
        (figures(results([5.0] * 50), read=50, write=1), "no traffic on write"),
        (
            figures(results([5.0] * 6, names=("read", "write")), read=3, write=3),
            "fewer than 5 requests were measured of read, write",
        ),
        (figures(results([5.0] * 90), read=100), "9.0 of 10.0 requests per second were sent and answered (90 %)"),
        (figures(results([5.0] * 100, late=5.0)), "5.1 of 10.0 requests per second were sent"),
        (figures(results([5.0] * 50, cpu=0.71)), "the load generator used 71 % of a core, so it measured itself"),
        (figures(results([5.0] * 50, cpu=0.0)), "how busy the load generator was is not known"),
        (figures(results([5.0] * 50, machine=0.91)), "the machine was 91 % busy"),
        (figures(results([5.0] * 50, stopped="nothing answers")), "it was ended early: nothing answers"),
        (figures(results([5.0] * 50, workers=2, lost=["b"])), "1 of 2 workers fell silent"),
        (figures(results([5.0] * 50, used_up={"write": 4})), "the rows for write were used up, 4 requests"),
        (figures(results([5.0] * 50, builds={"new-1": 40, "": 10})), "10 answers came from another server"),
    ],
)
def test_unsound_figures_say_why(found: Figures, reason: str) -> None:
    assert any(reason in each for each in against(found, least=100, least_each=5, build="new-1"))


def test_every_second_has_its_own_figures() -> None:
    found = figures(results([5.0, 7.0] * 10, seconds=2.0))

    assert found.per_second() == [[0, 10, 7.0, 0], [1, 10, 7.0, 0]]


@pytest.mark.parametrize(
    ("threshold", "state", "words"),
    [
        (Threshold(measure="p95", at_most=10), "held", "p95 must be at most 10 ms; it is 5 ms"),
        (Threshold(measure="p99", at_most=4), "broken", "p99 must be at most 4 ms; it is 5 ms"),
        (Threshold(measure="error share", at_most=0), "held", "error share must be at most 0 %; it is 0 %"),
        (Threshold(measure="rate achieved", at_least=11), "broken", "rate achieved must be at least 11 1/s; it is 10"),
        (Threshold(measure="queries per request", at_most=2), "broken", "must be at most 2; it is 3"),
        (Threshold(measure="server cpu per request", at_most=4), "held", "it is 4 ms"),
        (Threshold(measure="database time per request", at_most=1), "broken", "it is 2 ms"),
        (Threshold(measure="max", about="read", at_most=9), "held", "max of 'read' must be at most 9 ms; it is 5 ms"),
        (Threshold(measure="max", about="gone", at_most=9), "no data", "it was not measured"),
        (Threshold(measure="memory growth", at_most=9), "no data", "it was not measured"),
    ],
)
def test_a_threshold_says_in_words_whether_it_holds(threshold: Threshold, state: str, words: str) -> None:
    [reading] = read_thresholds([threshold], figures(results([5.0] * 100)))

    assert reading.state == state
    assert words in reading.words


def test_what_the_server_does_not_say_is_no_data() -> None:
    found = figures(results([5.0] * 10, queries=-1))

    [reading] = read_thresholds([Threshold(measure="queries per request", at_most=2)], found)

    assert reading.state == "no data"


def test_results_survive_being_written() -> None:
    found = results([5.0, 6.0], lost=["a"], workers=2)

    assert msgspec.json.decode(msgspec.json.encode(found), type=Results) == found
