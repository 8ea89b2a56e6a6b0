"""What can be sent: requests bound to rows of a database, handed over to Locust's process."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from harness.errors import ProbeError
from harness.operations import Catalog, Operation
from harness.probes.binding import Binder
from harness.probes.load.profiles import Profile, value_of
from harness.probes.load.reach import Trust
from harness.probes.load.schedule import apportion, arrivals

READS = 500
PEOPLE = 50
PER_PERSON = 0.5
ANYBODY = "anybody"
VISITOR = "Visitor"


class Sendable(msgspec.Struct, kw_only=True):
    """An operation under load; its requests are those from `first` up to `first + count`."""

    name: str
    actor: str
    weight: int
    writes: bool
    first: int
    count: int


class Plan(msgspec.Struct, kw_only=True):
    """All that Locust's process has to know. It holds tokens: see `generator`.

    `people` are headers of people of each actor, `think` the seconds that each waits between requests; `profile` is
    the one to run, "" lets a person choose; `build` is what every answer must name, "" where that is not known.
    `visits`, where there are any, are all that is sent, one after the other: server's address, request's number.
    `trust` says how certificates are checked.
    """

    requests: list[dict[str, Any]]
    operations: list[Sendable]
    people: dict[str, list[dict[str, str]]]
    think: dict[str, list[float]]
    profiles: dict[str, Profile]
    profile: str = ""
    build: str = ""
    host: str = ""
    results: str = ""
    visits: list[tuple[str, int]] = []
    trust: Trust = Trust()

    @property
    def classes(self) -> list[str]:
        """The names of Locust's classes of users that send it."""
        return [VISITOR] if self.visits else sorted({class_name(each.actor) for each in self.operations})

    def of(self, people: Sequence[str]) -> list[Sendable]:
        """Return the operations of those classes of users, of all where none is named."""
        return [each for each in self.operations if not people or class_name(each.actor) in people]

    def asked(self, profile: Profile, until: float = math.inf) -> Counter[str]:
        """Return how many measured requests of each operation are due up to a moment; 0 each where people decide."""
        asked = Counter({each.name: 0 for each in self.operations})
        if profile.is_open:
            due = arrivals(profile, [each.weight for each in self.operations])
            asked.update(self.operations[number].name for when, number in due if profile.warmup <= when <= until)
        return asked


def class_name(actor: str) -> str:
    """Return the name of an actor's class of users in Locust."""
    return actor.title().replace(" ", "")


def mean_think(operations: Sequence[Sendable], think: dict[str, list[float]]) -> float:
    """Return the mean seconds that people think between two requests, over the operations by weight."""
    whole = sum(each.weight for each in operations)
    return sum(each.weight * sum(think.get(each.actor, [1.0, 5.0])) / 2 for each in operations) / max(1, whole)


def make_plan(
    catalog: Catalog,
    operations: Sequence[Operation],
    binder: Binder,
    profiles: dict[str, Profile],
    profile: str = "",
    writes: int = 0,
) -> Plan:
    """Bind as many requests as the largest of the profiles needs, or `writes` of each write; raises ProbeError.

    Every write has rows of its own. Where the database has fewer than a profile asks for, the run says so when they are
    used up; an operation that finds none at all is an error now.
    """
    under_load = [each for each in operations if each.weight > 0]
    if not under_load:
        raise ProbeError(
            "No operation has a weight above 0, so there is nothing to send; set weights in operations.toml."
        )
    requests: list[dict[str, Any]] = []
    sendable = []
    for operation, count in zip(under_load, _needed(under_load, profiles.values()), strict=True):
        bound = binder.draw(operation, 1)
        bound += _more(binder, operation, (writes or count if operation.writes else min(count, READS)) - 1)
        sendable.append(
            Sendable(
                name=operation.name,
                actor=operation.actor or ANYBODY,
                weight=operation.weight,
                writes=operation.writes,
                first=len(requests),
                count=len(bound),
            )
        )
        requests += [each.as_request() for each in bound]
    actors = [each for each in catalog.actor if any(each.name == operation.actor for operation in under_load)]
    return Plan(
        requests=requests,
        operations=sendable,
        people={actor.name: binder.headers(actor, PEOPLE) for actor in actors},
        think={actor.name: list(actor.think) for actor in actors},
        profiles=profiles,
        profile=profile,
    )


def _more(binder: Binder, operation: Operation, count: int) -> list[Any]:
    found: list[Any] = []
    try:
        while len(found) < count:
            found += binder.draw(operation, 1)
    except ProbeError:  # all rows are used: what there is must do
        return found
    return found


def _needed(operations: Sequence[Operation], profiles: Iterable[Profile]) -> list[int]:
    """Return how many requests of each operation the largest profile can need, its warm-up included."""
    weights = [operation.weight for operation in operations]
    needed = [1] * len(weights)
    for profile in profiles:
        warming, measured = _due(profile)
        turns = -(-warming // len(weights))
        shares = apportion(weights, measured)
        needed = [max(old, turns + share) for old, share in zip(needed, shares, strict=True)]
    return needed


def _due(profile: Profile) -> tuple[int, int]:
    """Return how many requests fall due in the warm-up and while measuring; for people a generous estimate."""
    each = 1.0 if profile.is_open else PER_PERSON
    levels = [value_of(stage) for stage in profile.steps]
    before = [levels[0], *levels[:-1]]
    means = [(old + new) / 2 if s.ramp else new for s, old, new in zip(profile.steps, before, levels, strict=True)]
    measured = sum(stage.seconds * mean for stage, mean in zip(profile.steps, means, strict=True))
    return round(each * levels[0] * profile.warmup), max(1, round(each * measured))
