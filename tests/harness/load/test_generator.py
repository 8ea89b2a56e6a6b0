"""Locust as a process, against a server with known behaviour."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from harness import subprocesses
from harness.errors import ConfigurationError, ProbeError, UsageError
from harness.probes.load.figures import Figures
from harness.probes.load.generator import generate, show_page
from harness.probes.load.plan import Plan
from harness.probes.load.profiles import Threshold
from harness.probes.load.results import Results
from harness.probes.load.soundness import doubts
from tests.harness.load.plans import make_plan
from tests.harness.load.target import Running, run_target

ROOT = Path(__file__).resolve().parents[3]
LOCUSTFILE = ROOT / "loadtests" / "locustfile.py"


@pytest.fixture
def target() -> Iterator[Running]:
    """A server with known behaviour."""
    with run_target() as running:
        yield running


@pytest.fixture(autouse=True)
def measured_by_an_outer_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the coverage of these tests reach into Locust's process."""
    monkeypatch.setattr(subprocesses, "OUTER_RUN", ("PYTEST_", "DJANGO_SETTINGS_MODULE"))


def free_port() -> int:
    """Return a port of loopback that nobody uses at the moment."""
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])


def send(target: Running, plan: Plan, tmp_path: Path, **more: Any) -> Figures:
    results, _ = generate(plan, url=target.url, locustfile=LOCUSTFILE, folder=ROOT, log=tmp_path / "log", **more)
    return Figures(results, plan.asked(plan.profiles[plan.profile], results.ended))


def held_against(figures: Figures, plan: Plan) -> list[str]:
    """Return the doubts without those that other programs on this machine cause."""
    found = doubts(figures, plan.profiles[plan.profile], plan.build)
    return [doubt for doubt in found if "% busy" not in doubt]


def test_known_delays_are_measured_and_every_request_arrives_once(target: Running, tmp_path: Path) -> None:
    told: list[tuple[float, float, int, int]] = []
    plan = make_plan("/sleep/60/")

    figures = send(target, plan, tmp_path, progress=lambda *each: told.append(each))

    assert held_against(figures, plan) == []
    assert figures.failures() == {}
    assert 60 <= figures.percentiles()["p50"] < 120  # the delay once, however busy the machine is, and never twice
    assert len(target.seen) == 60
    assert {authorization for _, _, authorization, _ in target.seen} == {"Token very-secret"}
    assert [gone for gone, *_ in told] == sorted({gone for gone, *_ in told})
    assert told[-1][1] == 3


def test_a_stall_counts_against_every_request_that_was_due_meanwhile(target: Running, tmp_path: Path) -> None:
    weights = {"quick": 49, "stall": 1}

    figures = send(target, make_plan("/quick/", "/stall/", weights=weights, warmup=0), tmp_path)

    slow = [each for each in figures.measured if each.seconds > 0.1]
    assert len(slow) >= 5
    assert figures.percentiles()["max"] >= 1000


def test_errors_are_told_by_operation_and_status(target: Running, tmp_path: Path) -> None:
    figures = send(target, make_plan("/sleep/1/", "/status/500/", weights={"sleep": 3}), tmp_path)

    assert set(figures.failures()) == {("status", 500)}
    assert figures.error_share() == pytest.approx(25, abs=3)


def test_a_dead_server_is_noticed_soon_and_nothing_is_believed(target: Running, tmp_path: Path) -> None:
    plan = make_plan("/quick/", rate=40, seconds=20)

    figures = send(Running("http://127.0.0.1:9", []), plan, tmp_path)

    assert figures.results.stopped == "nothing answers"
    assert figures.results.ended < 10
    assert {status for _, status in figures.failures()} == {0}
    assert "it was ended early: nothing answers" in held_against(figures, plan)


def test_a_run_without_hope_is_ended_early(target: Running, tmp_path: Path) -> None:
    limit = Threshold(measure="p95", at_most=5, abort=True)
    plan = make_plan("/sleep/30/", rate=60, seconds=20, thresholds=[limit])

    figures = send(target, plan, tmp_path)

    assert figures.results.ended < 10
    assert figures.results.stopped.startswith("p95 must be at most 5 ms; it is ")


def test_no_row_of_a_write_is_sent_twice_and_their_end_is_said(target: Running, tmp_path: Path) -> None:
    plan = make_plan(*(f"/write/{number}/" for number in range(30)), method="POST")

    figures = send(target, plan, tmp_path)

    assert len({path for _, path, _, _ in target.seen}) == len(target.seen) == 30
    assert any("the rows for write were used up, 30 requests" in each for each in held_against(figures, plan))


def test_people_think_between_their_requests(target: Running, tmp_path: Path) -> None:
    plan = make_plan("/sleep/10/", rate=None, people=6, seconds=3, warmup=0.5)

    figures = send(target, plan, tmp_path)

    assert held_against(figures, plan) == []
    assert 60 < figures.requests < 250
    assert figures.rate_asked == 0


def test_another_server_than_the_one_that_was_started_is_not_believed(target: Running, tmp_path: Path) -> None:
    plan = make_plan("/quick/", build="refactored-1", seconds=1)

    figures = send(target, plan, tmp_path)

    assert "20 answers came from another server" in "\n".join(held_against(figures, plan)).replace("30", "20")


@pytest.mark.slow
@pytest.mark.alone
def test_a_master_and_two_workers_share_a_run(target: Running, tmp_path: Path) -> None:
    writes = [f"/write/{number}/" for number in range(200)]
    plan = make_plan(*writes, method="POST", rate=40, seconds=3, warmup=1)

    figures = send(target, plan, tmp_path, workers=2)

    assert held_against(figures, plan) == []
    assert (figures.results.workers, figures.requests) == (2, 120)
    assert len({path for _, path, _, _ in target.seen}) == len(target.seen) == 160


def test_no_secret_stays_behind(target: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr("tempfile.tempdir", None)
    modes: list[int] = []

    def look(*_: object) -> None:
        modes.extend(path.stat().st_mode & 0o777 for path in temporary.rglob("plan.json"))

    paths = [f"/status/500/?{number}" for number in range(60)]
    send(target, make_plan(*paths, method="POST", seconds=1), tmp_path, progress=look)

    assert json.loads(target.seen[0][3]) == {"text": "private"}
    assert set(modes) == {0o600}
    assert list(temporary.iterdir()) == []
    log = (tmp_path / "log").read_text()
    assert "secret" not in log
    assert "private" not in log


def test_without_locust_the_remedy_is_named(target: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    with pytest.raises(ProbeError, match="Locust is not installed; install the harness with its extra"):
        send(target, make_plan("/quick/"), tmp_path)


def test_a_locust_that_breaks_off_is_an_error_with_its_last_words(target: Running, tmp_path: Path) -> None:
    broken = tmp_path / "locustfile.py"
    broken.write_text("raise RuntimeError('the file is wrong')")

    with pytest.raises(ProbeError, match=r"Locust ended with exit code \d+ and without results.*the file is wrong"):
        generate(make_plan("/quick/"), url=target.url, locustfile=broken, folder=tmp_path, log=tmp_path / "log")


def test_a_locustfile_that_is_missing_is_named(target: Running, tmp_path: Path) -> None:
    missing = tmp_path / "nowhere.py"

    with pytest.raises(ConfigurationError, match=r"nowhere\.py does not exist; name the locustfile"):
        generate(make_plan("/quick/"), url=target.url, locustfile=missing, folder=tmp_path, log=tmp_path / "log")


def test_what_an_interrupted_run_has_measured_is_kept_and_marked(target: Running, tmp_path: Path) -> None:
    kept: list[Results] = []

    def keep(results: Results, _raw: bytes) -> None:
        kept.append(results)

    def interrupt(gone: float, *_: object) -> None:
        if gone >= 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        send(target, make_plan("/sleep/10/", seconds=30), tmp_path, progress=interrupt, partly=keep)

    assert len(target.seen) < 150
    assert kept[0].stopped == "it was stopped by hand"
    assert len(kept[0].columns.due) == len(target.seen)


def test_a_page_whose_port_is_taken_says_so(target: Running, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"Port \d+ of this machine cannot be used: Address already in use; name"):
        show_page(
            make_plan("/quick/"),
            url=target.url,
            locustfile=LOCUSTFILE,
            folder=ROOT,
            log=tmp_path / "locust.log",
            port=int(target.url.rpartition(":")[2]),
            tell=lambda url: None,
        )


def test_journeys_go_from_one_answer_to_the_next(target: Running, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    plan = make_plan("/quick/", people=12, rate=None, seconds=3, warmup=0)
    people = {**plan.people, "administrator": [{"Authorization": "a"}]}
    results = str(tmp_path / "results.json")
    path.write_bytes(msgspec.json.encode(msgspec.structs.replace(plan, people=people, results=results)))
    journeys = ["BrowsingStudent", "QuizTaker", "GradingInstructor", "OverlookingAdministrator"]

    subprocess.run(
        [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "--headless", "--host", target.url, *journeys],
        env={**os.environ, "HARNESS_LOAD_PLAN": str(path)},
        cwd=ROOT,
        capture_output=True,
        timeout=60,
        check=True,
    )

    sent = {(method, path.partition("?")[0], who) for method, path, who, _ in target.seen}
    assert {
        ("GET", "/api/courses/3/", "s"),
        ("GET", "/api/learning-tasks/5/", "s"),
        ("POST", "/api/quizzes/7/complete/", "s"),
        ("POST", "/api/submissions/10/grade/", "i"),
        ("GET", "/api/users/11/", "a"),
    } <= sent
    assert ("POST", "/api/submissions/9/grade/", "i") not in sent
    assert "show course" in json.loads(Path(results).read_text())["operations"]
