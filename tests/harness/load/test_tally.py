"""Limits that end a run: counted as the answers come, they say what the figures of the whole run say."""

from __future__ import annotations

import random
from collections.abc import Iterator

import msgspec
import pytest

from harness.load.recorder import Cost, Recorder
from harness.load.show import Show
from harness.load.tally import Tally
from harness.probes.load.profiles import Measure, Profile, Threshold
from harness.probes.load.thresholds import read_thresholds
from tests.harness.load.plans import make_plan

LIMITS: list[tuple[Measure, float]] = [
    ("p50", 50),
    ("p95", 95),
    ("p99", 99.5),
    ("max", 120),
    ("error share", 10),
    ("rate achieved", 20),
    ("queries per request", 3),
    ("server cpu per request", 3),
    ("database time per request", 3),
]


def thresholds() -> Iterator[Threshold]:
    """Every measure, of all requests and of one operation, as an upper and as a lower limit."""
    for measure, limit in LIMITS:
        for about in ("", "quick"):
            yield Threshold(measure=measure, about=about, at_most=limit, abort=True)
            yield Threshold(measure=measure, about=about, at_least=limit, abort=True)


def answer(recorder: Recorder, number: int, chance: random.Random) -> None:
    due, late = number / 20, chance.choice([0.0, 0.0, 0.02])
    took, status = chance.uniform(0, 0.13), chance.choice([200] * 9 + [500])
    cost = Cost(chance.randrange(1, 6), chance.uniform(0, 6), chance.uniform(0, 6), "")
    name = chance.choice(["quick", "slow"])
    recorder.record(name, due, due + late, due + late + took, status, status == 200, cost=cost)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("people", [None, 20], ids=["rate", "people"])
def test_the_count_agrees_with_the_figures_at_every_moment(
    seed: int, people: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    asked = {"rate": None, "people": people} if people else {}
    show = Show(make_plan("/quick/", "/slow/", seconds=100, **asked))
    show.ready(show.plan.profiles["short"], ["Student"])
    show.begun.set()
    limits = list(thresholds())
    tallies = [Tally(_only(show, each), show.mean_think) for each in limits]
    told = set()
    for number in range(60):
        answer(show.recorder, number, chance)
        now = number / 20 + 0.13
        monkeypatch.setattr(show, "now", lambda now=now: now)
        figures = show.figures()
        for limit, tally in zip(limits, tallies, strict=True):
            tally.add(show.recorder.since(number))
            [reading] = read_thresholds([limit], figures)
            assert tally.is_broken(now) == (reading.state == "broken"), (limit, reading, number)
            told.add((limit.measure, reading.state))
    assert {(measure, state) for measure, _ in LIMITS for state in ("held", "broken")} <= told


def _only(show: Show, limit: Threshold) -> Profile:
    return msgspec.structs.replace(show.profile, thresholds=[limit])


def test_what_the_server_did_not_say_is_not_broken() -> None:
    show = Show(make_plan("/quick/", warmup=0, thresholds=[Threshold(measure="p50", at_most=1)]))
    limit = Threshold(measure="queries per request", at_most=0, abort=True)
    tally = Tally(_only(show, limit))
    recorder = Recorder()
    recorder.record("quick", 1, 1, 2, 200, True, cost=Cost(5, 1, 1, ""))
    recorder.record("quick", 1, 1, 2, 200, True)

    tally.add(recorder.since(0))

    assert not tally.is_broken(3)


def test_a_second_costs_what_came_in_it_however_long_the_run_is(monkeypatch: pytest.MonkeyPatch) -> None:
    limit = Threshold(measure="p95", at_most=5000, abort=True)
    show = Show(make_plan("/quick/", seconds=100, warmup=0, thresholds=[limit]))
    show.ready(show.plan.profiles["short"], ["Student"])
    show.begun.set()
    read: list[int] = []
    since = show.recorder.since
    monkeypatch.setattr(show.recorder, "since", lambda first: read.append(first) or since(first))
    monkeypatch.setattr(show, "figures", lambda: pytest.fail("all figures were worked out"))

    for second in range(3):
        for number in range(100):
            show.recorder.record("quick", second, second, second + number / 1000, 200, True)
        show._judge()

    assert read == [0, 100, 200]
