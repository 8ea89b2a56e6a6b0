"""Decides what is sent when: arrivals at a constant rate with jitter, in the proportions of the weights."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from harness.errors import ProbeError
from harness.operations import Catalog, Operation
from harness.probes.binding import Binder
from harness.probes.load.profiles import Profile

_READS = 500
_PEOPLE = 50
ANYBODY = "anybody"


def make_plan(catalog: Catalog, operations: Sequence[Operation], binder: Binder, profile: Profile) -> dict[str, Any]:
    """Bind and time all requests of a run, as JSON types for harness.load; raises ProbeError.

    Every operation comes at least once in the measured part; the warm-up goes through all of them in turn.
    """
    chance = random.Random(0)  # noqa: S311  # nosec B311  # the same plan for the same data
    under_load = [each for each in operations if each.weight > 0]
    if not under_load:
        raise ProbeError(
            "No operation has a weight above 0, so there is nothing to send; set weights in operations.toml."
        )
    sequence = _sequence(under_load, profile, chance)
    requests, indices = _bind(under_load, sequence, binder)
    return {
        "requests": requests,
        "groups": _groups(sequence, indices, profile, chance),
        "people": _people(catalog, under_load, binder),
        "warmup": profile.warmup,
        "seconds": profile.seconds,
    }


def apportion(weights: Sequence[int], total: int) -> list[int]:
    """Share `total` among weights, exactly proportional up to rounding, at least one each."""
    whole = sum(weights)
    exact = [weight * total / whole for weight in weights]
    shares = [max(1, int(share)) for share in exact]
    order = sorted(range(len(weights)), key=lambda index: exact[index] - int(exact[index]), reverse=True)
    for index in order[: max(0, total - sum(shares))]:
        shares[index] += 1
    return shares


def _sequence(operations: Sequence[Operation], profile: Profile, chance: random.Random) -> list[Operation]:
    turn = [*operations]
    chance.shuffle(turn)
    warmup = [turn[number % len(turn)] for number in range(round(profile.rate * profile.warmup))]
    shares = apportion([each.weight for each in operations], round(profile.rate * profile.seconds))
    measured = [each for each, share in zip(operations, shares, strict=True) for _ in range(share)]
    chance.shuffle(measured)
    return warmup + measured


def _bind(
    operations: Sequence[Operation], sequence: Sequence[Operation], binder: Binder
) -> tuple[list[dict[str, Any]], list[int]]:
    """Bind every write anew and reads from a stock, and return the requests and which of them each arrival sends."""
    requests: list[dict[str, Any]] = []
    stock: dict[str, list[int]] = {}
    for operation in operations:
        count = sum(each is operation for each in sequence)
        drawn = binder.draw(operation, count if operation.writes else min(count, _READS))
        stock[operation.name] = list(range(len(requests), len(requests) + len(drawn)))
        requests += [each.as_request() for each in drawn]
    seen: dict[str, int] = {}
    indices = []
    for operation in sequence:
        number = seen[operation.name] = seen.get(operation.name, -1) + 1
        indices.append(stock[operation.name][number % len(stock[operation.name])])
    return requests, indices


def _groups(
    sequence: Sequence[Operation], indices: list[int], profile: Profile, chance: random.Random
) -> list[dict[str, Any]]:
    arrivals: dict[str, list[tuple[float, int]]] = {}
    warming = round(profile.rate * profile.warmup)
    for number, (operation, index) in enumerate(zip(sequence, indices, strict=True)):
        start, spacing = _slot(number, warming, len(sequence), profile)
        due = start + spacing * chance.random()
        arrivals.setdefault(operation.actor or ANYBODY, []).append((due, index))
    counts = apportion([len(each) for each in arrivals.values()], profile.users)
    return [
        {"name": name.title().replace(" ", ""), "users": count, "arrivals": each}
        for (name, each), count in zip(arrivals.items(), counts, strict=True)
    ]


def _slot(number: int, warming: int, total: int, profile: Profile) -> tuple[float, float]:
    """Return start and length of an arrival's slot, in seconds: one request falls somewhere into each."""
    if number < warming:
        spacing = profile.warmup / warming
        return number * spacing, spacing
    spacing = profile.seconds / (total - warming)
    return profile.warmup + (number - warming) * spacing, spacing


def _people(catalog: Catalog, operations: Sequence[Operation], binder: Binder) -> dict[str, list[dict[str, str]]]:
    """Return headers of some people of each actor, for journeys."""
    return {
        actor.name: binder.headers(actor, _PEOPLE)
        for actor in catalog.actor
        if any(actor.name == each.actor for each in operations)
    }
