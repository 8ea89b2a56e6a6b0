"""Comparing two releases on a noisy machine: how often it is wrong, and what it says."""

from __future__ import annotations

import math
import random
from collections import Counter
from pathlib import Path
from statistics import median

import msgspec
import pytest

from harness.errors import ConfigurationError
from harness.gate.comparison import Noise, compare, compare_rounds, interval, noise_of, read_floor
from harness.probes.load.arms import Rounds

TRIALS = 400
MACHINE: dict[str, str | int] = {"cpu": "any", "cores": 2}


def rounds_of(chance: random.Random, count: int, slowdown: float) -> tuple[list[float], list[float], list[float]]:
    """Draw the times of baseline, candidate and second baseline as a busy machine gives them.

    Rounds drift together (30 %), each arm has noise of its own (11 %), and one burst in twenty is disturbed.
    """
    arms: tuple[list[float], list[float], list[float]] = ([], [], [])
    drift = 0.0
    for _ in range(count):
        drift = 0.7 * drift + chance.gauss(0, 0.3)
        for times, factor in zip(arms, (1.0, slowdown, 1.0), strict=True):
            disturbed = chance.expovariate(2) if chance.random() < 0.05 else 0.0
            times.append(factor * 10 * math.exp(drift + chance.gauss(0, 0.11) + disturbed))
    return arms


def outcomes(rounds: int, slowdown: float) -> Counter[str]:
    chance = random.Random(rounds)
    return Counter(compare("read", *rounds_of(chance, rounds, slowdown)).outcome for _ in range(TRIALS))


@pytest.mark.parametrize("rounds", [16, 32, 64])
def test_identical_releases_are_hardly_ever_called_slower(rounds: int) -> None:
    found = outcomes(rounds, 1.0)

    assert found["slower"] + found["unsound"] <= 0.02 * TRIALS


def test_a_slowdown_of_a_fifth_is_found_in_32_rounds() -> None:
    found = outcomes(32, 1.2)

    assert found["slower"] >= 0.7 * TRIALS


@pytest.mark.parametrize("rounds", [16, 32, 64])
def test_a_slowdown_of_a_fifth_is_never_called_fine(rounds: int) -> None:
    assert outcomes(rounds, 1.2)["fine"] == 0


def test_more_rounds_leave_less_undecided() -> None:
    undecided = [outcomes(rounds, 1.0)["undecided"] for rounds in (16, 32, 64)]

    assert undecided == sorted(undecided, reverse=True)
    assert undecided[-1] < 0.3 * TRIALS


def test_the_interval_is_that_of_drawn_resamples() -> None:
    chance = random.Random(3)
    values = [chance.lognormvariate(0, 0.2) for _ in range(31)]

    drawn = sorted(median(chance.choices(values, k=31)) for _ in range(4000))

    exact = interval(values, confidence=0.9)
    assert (exact.low, exact.high) == (pytest.approx(drawn[200], rel=0.03), pytest.approx(drawn[3800], rel=0.03))
    assert exact.middle == median(values)


def test_the_words_say_ratio_interval_and_rounds_and_what_could_have_been_seen() -> None:
    compared = compare("read", [10.0] * 20, [15.0] * 20, [10.0] * 20)

    assert (compared.outcome, compared.reason) == (
        "slower",
        "it takes 1.50 times the baseline (1.50 to 1.50, 20 rounds)",
    )
    assert compared.detectable == pytest.approx(0.05)


def test_two_copies_of_the_baseline_that_differ_make_it_unsound() -> None:
    compared = compare("read", [10.0] * 20, [15.0] * 20, [12.0] * 20)

    assert (compared.outcome, compared.reason) == (
        "unsound",
        "the second copy of the baseline took 1.20 times the first one",
    )


def test_what_is_below_the_noise_of_the_machine_is_not_called_slower() -> None:
    assert compare("read", [10.0] * 20, [11.5] * 20, [10.0] * 20).outcome == "slower"
    assert compare("read", [10.0] * 20, [11.5] * 20, [10.0] * 20, floor=0.2).outcome == "fine"


@pytest.mark.parametrize(
    ("cpu", "outcome"),
    [
        (([5.0] * 20, [7.0] * 20, [5.0] * 20), "slower"),
        (([5.0] * 20, [5.2] * 20, [5.0] * 20), "undecided"),
        (([5.0] * 20, [7.0] * 20, [6.5] * 20), "undecided"),
        ((), "undecided"),
    ],
    ids=["needs more", "needs a little more", "the copies of the baseline differ", "not known"],
)
def test_cpu_time_proves_slower_what_the_times_leave_undecided(cpu: tuple[list[float], ...], outcome: str) -> None:
    times = [10.0, 14.0] * 10, [10.0, 10.5, 14.0, 18.0] * 5, [10.0, 14.0] * 10

    compared = compare("read", *times, cpu=cpu, share=0.5)

    assert compared.outcome == outcome
    if outcome == "slower":
        assert compared.reason.endswith("the server's CPU time alone makes it 1.20 times (1.20 to 1.20)")
        assert compared.detectable_cpu == pytest.approx(0.05)


def test_less_cpu_time_never_makes_an_operation_fine() -> None:
    times = [10.0, 14.0] * 10, [10.0, 10.5, 14.0, 18.0] * 5, [10.0, 14.0] * 10

    assert compare("read", *times, cpu=([5.0] * 20, [2.0] * 20, [5.0] * 20), share=0.5).outcome == "undecided"


def test_cpu_time_is_not_heard_against_times_that_are_fine() -> None:
    cpu = [5.0] * 20, [7.0] * 20, [5.0] * 20

    assert compare("read", [10.0] * 20, [10.1] * 20, [10.0] * 20, cpu=cpu, share=0.5).outcome == "fine"


def test_answers_that_fail_and_too_few_rounds_are_no_result() -> None:
    failed = Rounds(operation="read", times=[[10.0] * 20] * 3, failed=2)
    short = Rounds(operation="read", times=[[10.0] * 5] * 3)

    assert compare_rounds(failed).outcome == "unsound"
    assert compare_rounds(short).outcome == "undecided"
    assert "rows for 5 rounds only" in compare_rounds(short).reason
    assert compare_rounds(Rounds(operation="read")).outcome == "unsound"


def test_the_noise_is_read_on_the_machine_where_it_was_measured(tmp_path: Path) -> None:
    path = tmp_path / "noise.json"
    noise = noise_of([compare("read", [10.0] * 20, [10.4] * 20, [9.9] * 20)], "today", MACHINE)
    path.write_bytes(msgspec.json.encode(noise))

    assert noise.floor == pytest.approx(0.04)
    assert read_floor(path, MACHINE)[0] == noise.floor
    assert read_floor(path, {**MACHINE, "cores": 64})[0] == 0
    assert "another machine" in read_floor(path, {**MACHINE, "cores": 64})[1]
    assert "calibrate" in read_floor(tmp_path / "missing.json", MACHINE)[1]
    assert isinstance(noise, Noise)


@pytest.mark.parametrize("text", ["{", "[]", '{"floor": "much"}'])
def test_a_broken_file_of_noise_is_one_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "noise.json"
    path.write_text(text)

    with pytest.raises(ConfigurationError, match=r"noise.json cannot be read: .*; run 'harness calibrate' again"):
        read_floor(path, MACHINE)


@pytest.mark.parametrize("floor", [-0.1, 1.5])
def test_a_noise_that_would_hide_everything_is_refused(tmp_path: Path, floor: float) -> None:
    path = tmp_path / "noise.json"
    path.write_bytes(msgspec.json.encode(Noise(floor=floor, rounds=32, measured="today", machine=MACHINE)))

    with pytest.raises(ConfigurationError, match="key 'floor'"):
        read_floor(path, MACHINE)
