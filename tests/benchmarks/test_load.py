"""What the load generator costs, how true its times are, and how soon it sends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from harness.probes.load.arms import ALONE
from harness.probes.load.figures import percentile
from harness.probes.load.generator import generate
from tests.harness.load.plans import make_plan
from tests.harness.load.target import Running, run_target

REPOSITORY = Path(__file__).resolve().parents[2]
LOCUSTFILE = REPOSITORY / "loadtests" / "locustfile.py"
REQUESTS = 16000
PAIRS = 2
PLAIN = """
import json, os, time
from locust import FastHttpUser, constant, events, task

class Plain(FastHttpUser):
    wait_time = constant(0)

    @task
    def send(self):
        cpu = time.process_time()
        for _ in range({requests}):
            with self.client.request("GET", "/quick/", name="quick", catch_response=True) as response:
                response.success()
        print("cpu", time.process_time() - cpu, flush=True)
        self.environment.runner.quit()
"""


def say(words: str) -> None:
    """Show a figure."""
    sys.stdout.write(words + "\n")


def harness_cpu(target: Running, tmp_path: Path) -> float:
    """Send through the harness; return the client's CPU seconds for each request."""
    visits = [(target.url, 0)] * REQUESTS
    plan = msgspec.structs.replace(make_plan("/quick/"), visits=visits, profiles={"all": ALONE}, profile="all")
    results, _ = generate(plan, url=target.url, locustfile=LOCUSTFILE, folder=REPOSITORY, log=tmp_path / "log")
    assert len(results.columns.due) == REQUESTS
    return results.generator_cpu * results.ended / REQUESTS


def plain_cpu(target: Running, tmp_path: Path) -> float:
    """Send the same requests with a plain FastHttpUser."""
    path = tmp_path / "plain.py"
    path.write_text(PLAIN.format(requests=REQUESTS))
    command = [sys.executable, "-m", "locust", "-f", str(path), "--headless", "--host", target.url, "--only-summary"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120, env={**os.environ})
    return float(next(line for line in done.stdout.splitlines() if line.startswith("cpu")).split()[1]) / REQUESTS


def test_requests_for_each_cpu_second_against_a_plain_user(tmp_path: Path) -> None:
    with run_target() as target:
        pairs = [(plain_cpu(target, tmp_path), harness_cpu(target, tmp_path)) for _ in range(PAIRS)]

    plain, ours = (min(each[side] for each in pairs) for side in (0, 1))
    say(f"\nrequests for each CPU second: plain {1 / plain:.0f}, harness {1 / ours:.0f}, ratio {plain / ours:.3f}")
    assert plain / ours >= 0.8


def test_times_are_true_at_p50_and_p99_with_a_stall(tmp_path: Path) -> None:
    """Every answer takes 400 ms, and for one second nothing is answered: compare with what must come out."""
    with run_target() as target:
        weights = {"sleep": 299, "stall": 1}
        plan = make_plan("/sleep/400/", "/stall/", weights=weights, rate=30, seconds=10, warmup=0, users=80)
        results, _ = generate(plan, url=target.url, locustfile=LOCUSTFILE, folder=REPOSITORY, log=tmp_path / "log")

    answers = list(results.answers())
    stall = next(answer for answer in answers if answer.operation == "stall")
    end = stall.due + stall.seconds
    true = [end - each.due + 0.4 if stall.due <= each.due < end else 0.4 for each in answers if each is not stall]
    measured = sorted(each.seconds for each in answers if each is not stall)
    for share in (0.5, 0.99):
        wanted, found = percentile(sorted(true), share), percentile(measured, share)
        say(f"\np{100 * share:.0f}: {1000 * found:.1f} ms, true {1000 * wanted:.1f} ms")
        assert found == pytest.approx(wanted, rel=0.02)


def test_the_first_request_is_sent_soon_after_the_start(tmp_path: Path) -> None:
    with run_target() as target:
        began = time.time()
        results, raw = generate(
            make_plan("/quick/", seconds=1, warmup=0),
            url=target.url,
            locustfile=LOCUSTFILE,
            folder=REPOSITORY,
            log=tmp_path / "log",
        )

    say(f"\nfrom the start of Locust to the first request: {results.began - began:.2f} s")
    assert results.began - began < 5
    assert json.loads(raw)["columns"]["due"]
