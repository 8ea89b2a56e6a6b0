"""One trial is one comparison: three servers of its own, and what the rule says of the same rounds at every look."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec

from harness.gate.comparison import ROUNDS, Compared, compare_rounds
from harness.probes.load import Load
from harness.probes.load.arms import Rounds, open_arms
from harness.probes.load.stage import Stage
from harness.probes.world import World
from harness.runs import Run
from harness.temporary import temporary_folder
from tests.benchmarks.comparison_trials.project import rollout, write_project


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """The rounds of one comparison, the seconds until its servers stood, and until each look was over.

    `until` is how many rounds it would have gone if nothing had been decided; `load` is how many processes wanted a
    core, on average over the minute before the end.
    """

    rounds: list[Rounds]
    until: int
    standing: float
    seconds: dict[int, float]
    load: float

    def outcomes(self, operation: str) -> dict[int, Compared]:
        """Return what the rule says of an operation after so many rounds, as `harness load --compare` goes.

        What is decided at one look stays decided at the next one.
        """
        found = next((each for each in self.rounds if each.operation == operation), None)
        said: dict[int, Compared] = {}
        for total in ROUNDS if found else ():
            decided = next((each for each in said.values() if each.outcome != "undecided"), None)
            if decided:
                said[total] = decided
            elif found and len(found.times[0]) >= total:
                said[total] = compare_rounds(first_rounds(found, total))
        return said


def first_rounds(found: Rounds, total: int) -> Rounds:
    """Return the first `total` rounds of an operation."""
    cut = {name: [each[:total] for each in getattr(found, name)] for name in ("times", "cpu", "queries", "shares")}
    return msgspec.structs.replace(found, **cut)


class Site:
    """The project on a database server of its own."""

    def __init__(self, folder: Path, database: str) -> None:
        phase, catalog = write_project(folder)
        run = Run.create(folder / "runs", phase.number)
        project = rollout(folder, phase)
        self.world = World(project, phase, catalog, run, database=database, quick=False, emit=lambda _: None)
        options = Load().read_options(phase.entry("load").options, "the options of the load")
        self._stage = Stage(self.world, options)

    def try_once(self, operations: Sequence[str], rounds: int = ROUNDS[-1]) -> Trial:
        """Compare the two releases once, with servers of its own; only what is undecided goes on, up to `rounds`.

        The first look and the second one are taken of one run of Locust: its start is most of what the first costs.
        """
        start = time.monotonic()
        seconds: dict[int, float] = {}
        baseline, candidate = self.world.rollout.release
        waiting, done = list(operations), 0
        with open_arms(self.world, self._stage, baseline, candidate, rounds) as arms:
            standing = time.monotonic() - start
            for total in ROUNDS[1:]:
                if waiting and total <= rounds:
                    arms.go(total - done, waiting)
                    done = total
                    seconds[total] = time.monotonic() - start
                    waiting = [name for name in waiting if _is_undecided(arms.found[name])]
        found = [arms.found[name] for name in operations]
        return Trial(rounds=found, until=rounds, standing=standing, seconds=seconds, load=os.getloadavg()[0])


def _is_undecided(found: Rounds) -> bool:
    looks = [compare_rounds(first_rounds(found, total)) for total in ROUNDS if total <= len(found.times[0])]
    return all(each.outcome == "undecided" for each in looks)


@contextmanager
def open_site(database: str) -> Iterator[Site]:
    """Make the project in a folder of its own."""
    with temporary_folder("trials") as folder:
        site = Site(Path(folder), database)
        with closing(site.world):
            yield site
