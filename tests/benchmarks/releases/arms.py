"""The arms of a benchmark: each a process of its own, visited in turns."""

from __future__ import annotations

import json
import random
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from harness.databases import Database, Server
from harness.releases import interpreter, open_agent
from harness.rollout import Rollout, read_rollout
from tests.benchmarks.releases.data import TOKENS, fill
from tests.benchmarks.releases.operations import Operation

REPOSITORY = Path(__file__).resolve().parents[3]
RUNNER = Path(__file__).with_name("runner.py")
ROUNDS = (5, 40)
SECONDS = 1.5
"""What an operation may take, on all arms together, once it has had the least number of rounds."""


class Arm:
    """A release on a database of its own, or what was written by hand."""

    def __init__(self, process: subprocess.Popen[str], parents: int) -> None:
        self.process = process
        self.parents = parents

    def visit(self, operation: Operation, times: int) -> dict[str, Any]:
        """Send the operation's request so many times; 0 counts its queries."""
        request = operation.request(self.parents)
        request |= {"token": TOKENS[operation.actor], "times": times}
        assert self.process.stdin
        assert self.process.stdout
        print(json.dumps(request), file=self.process.stdin, flush=True)
        return dict(json.loads(self.process.stdout.readline()))


@contextmanager
def arms(server: Server, parents: int, log: Path) -> Iterator[dict[str, Arm]]:
    """Both releases on the same data, and what was written by hand on the refactored release's database."""
    rollout = read_rollout(REPOSITORY / "rollout.toml")
    before = server.create("before")
    with open_agent(rollout, rollout.find_release("legacy"), before, log=log) as agent:
        agent.call("migrate")
    fill(before, parents)
    after = server.copy(before, "after")
    with open_agent(rollout, rollout.find_release("refactored"), after, log=log) as agent:
        agent.call("migrate")
    for database in (before, after):
        server.analyze(database)
    with ExitStack() as stack:
        starts = {"legacy": ("legacy", before, ""), "refactored": ("refactored", after, ""),
                  "by hand": ("refactored", after, "by_hand")}  # fmt: skip
        yield {
            arm: stack.enter_context(started(rollout, release, database, parents, urls))
            for arm, (release, database, urls) in starts.items()
        }
    for database in (before, after):
        server.drop(database)


@contextmanager
def started(rollout: Rollout, name: str, database: Database, parents: int, urls: str) -> Iterator[Arm]:
    """A runner in the release's interpreter and folder."""
    release = rollout.find_release(name)
    with interpreter.environment(release, database) as environment:
        process = subprocess.Popen(
            [interpreter.python(rollout, release), str(RUNNER)],
            cwd=rollout.path(release.path),
            env=environment | {"BENCHMARK_URLS": urls},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            yield Arm(process, parents)
        finally:
            process.communicate(timeout=30)


def interleaved(visited: dict[str, Arm], operation: Operation) -> dict[str, list[float]]:
    """Visit all arms in every round, in random order; the seconds of each, without the first round, which warms up."""
    seconds: dict[str, list[float]] = {name: [] for name in visited}
    least, most = ROUNDS
    until = time.monotonic() + SECONDS
    for number in range(most + 1):
        for name in random.sample(list(visited), len(visited)):
            found = visited[name].visit(operation, 1)["seconds"]
            seconds[name] += found if number else []
        if number >= least and time.monotonic() > until:
            break
    return seconds


def p50_ratio(slower: list[float], faster: list[float]) -> float:
    """How many times as long the one takes, in the median."""
    return median(slower) / median(faster)
