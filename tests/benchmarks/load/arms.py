"""Three clients that send the same requests to the same server: a plain FastHttpUser, the harness, and wrk."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec

from harness.probes.load.generator import generate
from harness.probes.load.plan import Plan
from tests.harness.load.plans import make_plan

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[2]
PEOPLE = 10
PATHS = 200
WRK = shutil.which("wrk")
METERED = """
from pathlib import Path
from tests.benchmarks.load.meter import listen
listen()
"""
OURS = """
from harness.load.cast import make_cast
globals().update(make_cast(Path({root!r})))
"""
PLAIN = """
import random
from itertools import cycle
import gevent
from locust import FastHttpUser, constant, constant_throughput, task

PATHS = cycle([f"/api/courses/{{number}}/" for number in range({paths})])

class Plain(FastHttpUser):
    wait_time = {wait}

    def on_start(self):
        gevent.sleep({spread} * random.random())  # the arrivals of both sides are spread over time

    @task
    def send(self):
        self.client.get(next(PATHS), name="api", headers={{"Authorization": "Token very-secret"}})
"""


class Spent(NamedTuple):
    """What a client used and what it sent."""

    cpu: float
    requests: int

    @property
    def each(self) -> float:
        """CPU seconds for each request."""
        return self.cpu / self.requests


@contextmanager
def run_server() -> Iterator[str]:
    """Run the quick server; yields its address."""
    with subprocess.Popen([sys.executable, str(HERE / "server.py")], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.terminate()


def plain(url: str, folder: Path, seconds: float, *, rate: float | None = None) -> Spent:
    """Send with Locust alone, as its documentation writes a user: without a pause, or each at its share of a rate."""
    wait = f"constant_throughput({rate / PEOPLE})" if rate else "constant(0)"
    spread = PEOPLE / rate if rate else 0
    path = folder / "plain.py"
    path.write_text(METERED + PLAIN.format(paths=PATHS, wait=wait, spread=spread))
    options = ["--headless", "--only-summary", "--users", str(PEOPLE), "--spawn-rate", "100"]
    done = subprocess.run(
        [sys.executable, "-m", "locust", "-f", str(path), "--host", url, *options, "--run-time", f"{seconds:g}s"],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )
    return _read(done.stdout)


def ours(url: str, folder: Path, seconds: float, *, rate: float | None = None) -> Spent:
    """Send with the harness: people without a pause, or at a rate."""
    path = folder / "ours.py"
    path.write_text(METERED + OURS.format(root=str(REPOSITORY)))
    log = folder / "ours.log"
    generate(_plan(seconds, rate), url=url, locustfile=path, folder=REPOSITORY, log=log)
    return _read(log.read_text())


def wrk(url: str, seconds: float) -> Spent:
    """Send with wrk, on one thread and as many connections as there are people."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = ["wrk", "-t1", f"-c{PEOPLE}", f"-d{seconds:g}s", "-H", "Authorization: Token very-secret"]
    done = subprocess.run([*command, f"{url}/api/courses/1/"], capture_output=True, text=True, check=True, timeout=120)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    sent = re.search(r"(\d+) requests in", done.stdout)
    assert sent, done.stdout
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Spent(used, int(sent[1]))


def _plan(seconds: float, rate: float | None) -> Plan:
    paths = [f"/api/courses/{number}/" for number in range(PATHS)]
    level = {"rate": rate} if rate else {"people": PEOPLE, "rate": None}
    plan = make_plan(*paths, seconds=seconds, warmup=0, users=PEOPLE, **level)
    return msgspec.structs.replace(plan, think={"student": [0.0, 0.0]}, build="bench-1")


def _read(text: str) -> Spent:
    lines = [line for line in text.splitlines() if line.startswith("meter ")]
    told = json.loads(lines[-1].removeprefix("meter "))
    assert told["failures"] == 0
    return Spent(told["cpu"], told["requests"])
