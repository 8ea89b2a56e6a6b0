"""What the load generator costs, how true its times are, and how soon it sends."""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path

import pytest

from harness.cli import main
from harness.probes.load.figures import percentile
from harness.probes.load.generator import generate
from tests.benchmarks.load.arms import WRK, Spent, ours, plain, run_server, wrk
from tests.harness.load.plans import make_plan
from tests.harness.load.target import run_target
from tests.harness.load.test_command import PROFILE, ROLLOUT
from tests.harness.queries.library import write_library

REPOSITORY = Path(__file__).resolve().parents[2]
LOCUSTFILE = REPOSITORY / "loadtests" / "locustfile.py"
PAIRS = 5
LEAST_RATIO = 0.98
LEAST_RATIO_PACED = 0.75
SECONDS = 4


def say(words: str) -> None:
    """Show a figure."""
    sys.stdout.write(words + "\n")


def test_requests_for_each_cpu_second_beside_a_plain_user_and_wrk(tmp_path: Path) -> None:
    """The same requests to the same server, as fast as ten users can: counted and timed alike, in turn."""
    with run_server() as url:
        pairs = [(plain(url, tmp_path, SECONDS), ours(url, tmp_path, SECONDS)) for _ in range(PAIRS)]
        say(f"\nrequests for each CPU second: {_words(pairs)}")
        if WRK:
            say(f"\nwrk on the same server: {1 / wrk(url, SECONDS).each:.0f}")

    assert ratio(pairs) >= LEAST_RATIO


def test_cpu_of_a_paced_run_beside_a_plain_user(tmp_path: Path) -> None:
    """200 requests per second, spread over time: plain users with constant_throughput, and a profile with a rate."""
    with run_server() as url:
        pairs = [
            (plain(url, tmp_path, SECONDS, rate=200), ours(url, tmp_path, SECONDS, rate=200)) for _ in range(PAIRS)
        ]

    say(f"\nat 200/s, requests for each CPU second: {_words(pairs)}")
    assert ratio(pairs) >= LEAST_RATIO_PACED


def ratio(pairs: list[tuple[Spent, Spent]]) -> float:
    """Return how many requests the harness sends for one of a plain user, in the same CPU time: median of the pairs."""
    return statistics.median(plain.each / ours.each for plain, ours in pairs)


def _words(pairs: list[tuple[Spent, Spent]]) -> str:
    plain, ours = (statistics.median(1 / each[side].each for each in pairs) for side in (0, 1))
    ratios = sorted(plain.each / ours.each for plain, ours in pairs)
    return f"plain {plain:.0f}, harness {ours:.0f}, ratio {ratio(pairs):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"


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


def test_the_first_request_comes_soon_after_the_command(tmp_path: Path) -> None:
    """The whole command on a small project: provision, migrate, seed, serve, draw, start Locust."""
    write_library(tmp_path)
    (tmp_path / "rollout.toml").write_text(ROLLOUT)
    (tmp_path / "profiles.toml").write_text(PROFILE)
    began = time.time()
    assert main(["load", "short", "--project", str(tmp_path), "--format", "json"]) in (0, 3)

    [rows] = (tmp_path / "reports").rglob("load.json")
    gone = json.loads(rows.read_text())["began"] - began
    say(f"\nfrom the command to the first request, on PostgreSQL: {gone:.1f} s")
    assert gone < 60


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
