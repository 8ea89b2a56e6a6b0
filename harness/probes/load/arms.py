"""Serves baseline, candidate and a second copy of the baseline at the same time, and visits them in random order."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from statistics import median
from typing import NamedTuple

import msgspec

from harness.errors import ProbeError
from harness.probes.load.generator import generate
from harness.probes.load.plan import Plan
from harness.probes.load.profiles import Profile
from harness.probes.load.results import Answer, Results
from harness.probes.load.stage import Stage
from harness.probes.world import World
from harness.releases import Served
from harness.rollout import Release

BASELINE, CANDIDATE, AGAIN = 0, 1, 2
ARMS = (BASELINE, CANDIDATE, AGAIN)
REPEATS = 3
LONGEST = 3600.0
ALONE = Profile(people=1, seconds=LONGEST, warmup=0, least=1)


class Visit(NamedTuple):
    """One request to one arm: round (-1 warms up), name of the operation, arm, number of the request."""

    round: int
    operation: str
    arm: int
    request: int


class Rounds(msgspec.Struct, kw_only=True):
    """What the rounds measured of one operation: for each arm the median of each round, in ms.

    `cpu` is the server's CPU time, `queries` the mean number of queries of each arm (-1: not said); `shares` what CPU
    time was of the answer that was disturbed least; `failed` counts the answers with an unexpected status.
    """

    operation: str
    times: list[list[float]] = msgspec.field(default_factory=lambda: [[] for _ in ARMS])
    cpu: list[list[float]] = msgspec.field(default_factory=lambda: [[] for _ in ARMS])
    queries: list[list[float]] = msgspec.field(default_factory=lambda: [[] for _ in ARMS])
    shares: list[list[float]] = msgspec.field(default_factory=lambda: [[] for _ in ARMS])
    failed: int = 0


class Arms:
    """Three servers on copies of the same rows, and requests that are the same for all of them."""

    def __init__(self, world: World, stage: Stage, served: Sequence[Served], plan: Plan) -> None:
        self._world = world
        self._stage = stage
        self._served = served
        self._plan = plan
        self._next = Counter[str]()
        self._random = random.Random()  # noqa: S311  # nosec B311  # an order, not a secret
        self.found = {each.name: Rounds(operation=each.name) for each in plan.operations}
        self._done = 0

    def go(self, rounds: int, operations: Sequence[str]) -> None:
        """Go so many rounds through the operations and add what was measured to `found`.

        Raises ReleaseError where a server has ended, ProbeError where not every server answered.
        """
        visits = list(self._visits(rounds, operations))
        sent = [[self._served[visit.arm].url, visit.request] for visit in visits]
        plan = msgspec.structs.replace(self._plan, visits=sent, profiles={"comparison": ALONE}, profile="comparison")
        world = self._world

        def progress(_gone: float, _total: float, done: int, errors: int) -> None:
            world.progress("load", f"comparing: {done} of {len(visits)} answers, {errors} errors", done, len(visits))

        results, _ = generate(
            plan,
            url=self._served[BASELINE].url,
            locustfile=self._stage.locustfile,
            folder=world.rollout.path("."),
            log=world.log("locust"),
            progress=progress,
        )
        for served in self._served:
            served.usage()  # one that has ended is an error of its own, not so many answers that failed
        self._add(visits, results)
        self._done += rounds

    def _visits(self, rounds: int, operations: Sequence[str]) -> Iterator[Visit]:
        """Yield what to send: inside a round every request goes to the three arms, in random order."""
        chosen = [each for each in self._plan.operations if each.name in operations]
        for number in range(-1, rounds):
            self._random.shuffle(chosen)
            for operation in chosen:
                for _ in range(REPEATS if number >= 0 else 1):
                    place = self._next[operation.name]
                    if operation.writes and place >= operation.count:
                        continue
                    self._next[operation.name] += 1
                    request = operation.first + place % operation.count
                    for arm in self._random.sample(ARMS, len(ARMS)):
                        yield Visit(number if number < 0 else self._done + number, operation.name, arm, request)

    def _add(self, visits: list[Visit], results: Results) -> None:
        answers = list(results.answers())
        if len(answers) != len(visits) or set(results.builds) != {each.build for each in self._served}:
            raise ProbeError(
                f"Only {len(answers)} of {len(visits)} requests of the comparison were answered by the three servers; "
                "look into the logs of the servers."
            )
        groups: dict[tuple[str, int], list[list[Answer]]] = {}
        for visit, answer in zip(visits, answers, strict=True):
            self.found[visit.operation].failed += not answer.ok
            if visit.round >= 0:
                groups.setdefault((visit.operation, visit.round), [[] for _ in ARMS])[visit.arm].append(answer)
        for (operation, _), arms in groups.items():
            rounds = self.found[operation]
            for arm, sent in enumerate(arms):
                rounds.times[arm].append(1000 * median(each.seconds for each in sent))
                rounds.cpu[arm].append(median(each.cpu for each in sent))
                rounds.shares[arm].append(max(each.cpu / (1000 * each.seconds) for each in sent))
                rounds.queries[arm].append(sum(each.queries for each in sent) / len(sent))


@contextmanager
def open_arms(world: World, stage: Stage, baseline: Release, candidate: Release, rounds: int) -> Iterator[Arms]:
    """Serve the three arms, with rows for `rounds` rounds; raises ProbeError where both releases share no operation."""
    shared = [each for each in world.catalog.of(baseline.name) if each in world.catalog.of(candidate.name)]
    if not any(each.weight for each in shared):
        raise ProbeError(f"Releases {baseline.name!r} and {candidate.name!r} have no operation in common.")
    seeded = world.copy(stage.rows, "seeded")
    plan = stage.bound(baseline, seeded, shared, rows=rounds * REPEATS + 3)
    releases: list[Release] = [baseline, candidate, baseline]
    with ExitStack() as stack:
        served = [stack.enter_context(stage.stand(release, seeded))[0] for release in releases]
        yield Arms(world, stage, served, plan)
    world.server.drop(seeded)
