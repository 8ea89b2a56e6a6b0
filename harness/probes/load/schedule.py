"""When which operation falls due: at the rate that the profile asks, with jitter, in proportion to the weights."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence

from harness.probes.load.profiles import Profile, value_of


def arrivals(profile: Profile, weights: Sequence[int]) -> list[tuple[float, int]]:
    """Return (due, number of the operation) in order of time, due in seconds after the start; the same every time.

    One arrival falls somewhere into each slot of 1 / rate seconds. The warm-up goes through all operations in turn; in
    the measured part every operation comes at least once.
    """
    chance = random.Random(0)  # noqa: S311  # nosec B311  # the same arrivals for the same profile
    rate = value_of(profile.steps[0])
    warming = [number / rate for number in range(round(rate * profile.warmup))]
    edges = [profile.warmup * number / max(1, len(warming)) for number in range(len(warming))]
    slots = [*edges, *_slots(profile)]
    turn = list(range(len(weights)))
    chance.shuffle(turn)
    first = [turn[number % len(turn)] for number in range(len(warming))]
    count = len(slots) - len(warming)
    measured = [number for number, share in enumerate(apportion(weights, count)) for _ in range(share)]
    chance.shuffle(measured)
    ends = [*slots[1:], profile.end]
    times = [start + (end - start) * chance.random() for start, end in zip(slots, ends, strict=True)]
    return list(zip(times, [*first, *measured[:count]], strict=True))


def apportion(weights: Sequence[int], total: int) -> list[int]:
    """Share `total` among weights, exactly proportional up to rounding, at least one each."""
    whole = sum(weights)
    exact = [weight * total / whole for weight in weights]
    shares = [max(1, int(share)) for share in exact]
    order = sorted(range(len(weights)), key=lambda index: exact[index] - int(exact[index]), reverse=True)
    for index in order[: max(0, total - sum(shares))]:
        shares[index] += 1
    while sum(shares) > total and max(shares) > 1:
        shares[shares.index(max(shares))] -= 1
    return shares


def _slots(profile: Profile) -> Iterator[float]:
    """Yield the beginning of every measured slot."""
    start, before = profile.warmup, value_of(profile.steps[0])
    for stage in profile.steps:
        first = before if stage.ramp else value_of(stage)
        last = value_of(stage)
        count = round(stage.seconds * (first + last) / 2)
        for number in range(count):
            yield start + stage.seconds * _when(number / count, first, last)
        start, before = start + stage.seconds, last


def _when(share: float, first: float, last: float) -> float:
    """Return when, as a share of a stage, a share of its arrivals has come, where the rate goes evenly to another."""
    if math.isclose(first, last):
        return share
    return (math.sqrt(first**2 + share * (last**2 - first**2)) - first) / (last - first)
