"""The three arms: the baseline release, the same once more, and the candidate, each on a copy of its own."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from harness.databases import Database
from harness.databases.row_log import advance_sequences, install_row_log
from harness.databases.schema import Schema
from harness.probes.cast import Case, Messenger
from harness.probes.parity.comparison import Answer
from harness.probes.parity.rows import Shared
from harness.probes.world import World

# Generated keys of the second instance are so far from those of the first that they cannot be equal by chance.
_STEP = 1000
# Times in whole seconds must differ too when the baseline release is asked again.
_PAUSE = 1.1


@dataclass(frozen=True)
class Arm:
    """One instance of a release, on a copy with a row log."""

    database: Database
    schema: Schema
    messenger: Messenger


class Arms:
    """Three instances that are asked the same at the same time."""

    def __init__(self, legacy: Arm, twin: Arm, candidate: Arm, pool: Executor) -> None:
        self.legacy = legacy
        self.twin = twin
        self.candidate = candidate
        self._pool = pool
        self._asked = 0.0

    @property
    def shared(self) -> Shared:
        """The columns that the tables have in both schemas."""
        old, new = self.legacy.schema.tables, self.candidate.schema.tables
        return {name: frozenset(old[name].columns) & frozenset(new[name].columns) for name in old.keys() & new.keys()}

    def ask(self, cases: list[Case]) -> list[tuple[Answer, Answer, Answer]]:
        """Return the answers of all three to each case."""
        arms = (self.legacy, self.twin, self.candidate)
        answers = list(self._pool.map(lambda arm: arm.messenger.send(cases), arms))
        self._asked = time.monotonic()
        return list(zip(*answers, strict=True))

    def ask_again(self, cases: list[Case]) -> list[Answer]:
        """Return the answers of the baseline release a moment later."""
        time.sleep(max(0.0, self._asked + _PAUSE - time.monotonic()))
        return self.legacy.messenger.send(cases) if cases else []


@contextmanager
def open_arms(world: World) -> Iterator[Arms]:
    """Start the baseline release twice, on copies of the database before the phase, and the candidate after it."""
    salt = secrets.token_hex(16)
    labels = ("parity legacy", "parity twin", "parity candidate")
    releases = (world.baseline, world.baseline, world.candidate)
    databases = (world.before(), world.before(), world.after())
    with ExitStack() as stack, ThreadPoolExecutor(len(labels)) as pool:
        copies = [world.copy(each, label) for each, label in zip(databases, labels, strict=True)]
        for copy in copies:
            stack.callback(world.server.drop, copy)
        schemas = [install_row_log(copy) for copy in copies]
        advance_sequences(copies[1], _STEP)
        # Projects take their time to start, so they do it side by side.
        agents = list(pool.map(lambda *on: stack.enter_context(world.agent(*on)), releases, copies))
        messengers = [Messenger(agent, schema, salt) for agent, schema in zip(agents, schemas, strict=True)]
        legacy, twin, new = map(Arm, copies, schemas, messengers)
        yield Arms(legacy, twin, new, pool)
