"""Locust as a process, against a server with known behaviour."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness import subprocesses
from harness.errors import ConfigurationError, ProbeError
from harness.probes.load.figures import Figures, Results
from harness.probes.load.generator import generate, show_page
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


def plan(paths: list[str], *, rate: float = 20.0, warmup: float = 0.5, method: str = "GET") -> dict[str, Any]:
    requests = [
        {
            "operation": path.strip("/").partition("/")[0],
            "method": method,
            "path": path,
            "headers": {"Authorization": "Token very-secret"},
            "body": {"text": "private"} if method == "POST" else None,
            "expect": [200],
        }
        for path in paths
    ]
    arrivals = [((number + 0.5) / rate, number) for number in range(len(paths))]
    group = {"name": "Student", "users": 12, "arrivals": arrivals}
    seconds = len(paths) / rate - warmup
    return {"requests": requests, "groups": [group], "people": {}, "warmup": warmup, "seconds": seconds}


def send(target: Running, asked: dict[str, Any], tmp_path: Path, **more: Any) -> Results:
    return generate(asked, url=target.url, locustfile=LOCUSTFILE, folder=ROOT, log=tmp_path / "locust.log", **more)[0]


def test_known_delays_are_measured_and_every_request_arrives_once(target: Running, tmp_path: Path) -> None:
    told: list[tuple[float, float, int, int]] = []

    found = send(target, plan(["/sleep/60/"] * 60), tmp_path, progress=lambda *each: told.append(each))

    figures = Figures(found, Counter(sleep=50), least=50)
    assert [doubt for doubt in figures.unsound() if "% busy" not in doubt] == []
    assert figures.failures() == {}
    assert 60 <= figures.percentiles()["p50"] < 75
    assert len(target.seen) == 60
    assert {authorization for _, _, authorization, _ in target.seen} == {"Token very-secret"}
    assert [gone for gone, *_ in told] == sorted({gone for gone, *_ in told})
    assert told[-1][1] == 3


def test_a_stall_counts_against_every_request_that_was_due_meanwhile(target: Running, tmp_path: Path) -> None:
    paths = ["/quick/"] * 60
    paths[20] = "/stall/"

    figures = Figures(send(target, plan(paths), tmp_path), Counter(), least=1)

    slow = [each for each in figures.measured if each.seconds > 0.1]
    assert len(slow) >= 15
    assert figures.percentiles()["max"] >= 1000


def test_errors_are_told_by_operation_and_status(target: Running, tmp_path: Path) -> None:
    asked = plan(["/sleep/1/", "/status/500/", "/status/404/", "/sleep/1/"] * 5)

    figures = Figures(send(target, asked, tmp_path), Counter(), least=1)

    assert figures.failures() == {("status", 500): 5, ("status", 404): 5}


def test_a_server_that_is_gone_gives_no_answers(target: Running, tmp_path: Path) -> None:
    gone = Running("http://127.0.0.1:9", [])

    figures = Figures(send(gone, plan(["/quick/"] * 20), tmp_path), Counter(), least=1)

    assert figures.failures() == {("quick", 0): 20}


def test_no_secret_stays_behind(target: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr("tempfile.tempdir", None)
    modes: list[int] = []

    def look(*_: object) -> None:
        modes.extend(path.stat().st_mode & 0o777 for path in temporary.rglob("*.json"))

    send(target, plan(["/status/500/"] * 40, method="POST"), tmp_path, progress=look)

    assert target.seen[0][3] == b'{"text":"private"}' or json.loads(target.seen[0][3]) == {"text": "private"}
    assert set(modes) == {0o600}
    assert list(temporary.iterdir()) == []
    log = (tmp_path / "locust.log").read_text()
    assert "secret" not in log
    assert "private" not in log


def test_without_locust_the_remedy_is_named(target: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    with pytest.raises(ProbeError, match="Locust is not installed; install the harness with its extra"):
        send(target, plan(["/quick/"]), tmp_path)


def test_a_locust_that_breaks_off_is_an_error_with_its_last_words(target: Running, tmp_path: Path) -> None:
    broken = tmp_path / "locustfile.py"
    broken.write_text("raise RuntimeError('the file is wrong')")

    with pytest.raises(ProbeError, match=r"Locust ended with exit code 1 and without results, .*the file is wrong"):
        generate(plan(["/quick/"]), url=target.url, locustfile=broken, folder=tmp_path, log=tmp_path / "locust.log")


def test_a_locustfile_that_does_not_exist_is_named(target: Running, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere\.py does not exist; name the locustfile"):
        generate(
            plan(["/quick/"]),
            url=target.url,
            locustfile=tmp_path / "nowhere.py",
            folder=tmp_path,
            log=tmp_path / "locust.log",
        )


def test_an_operation_that_never_ends_is_stopped(target: Running, tmp_path: Path) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        send(target, plan(["/sleep/10/"] * 200), tmp_path, progress=interrupt)

    seen = len(target.seen)
    assert seen < 100


def test_the_page_opens_on_the_plan_and_closes_when_it_is_interrupted(target: Running, tmp_path: Path) -> None:
    pages: list[str] = []

    def visit(url: str) -> None:
        while not pages:  # the page is announced a moment before it answers
            with contextlib.suppress(urllib.error.URLError), urllib.request.urlopen(url) as page:
                pages.append(page.read().decode())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        show_page(
            plan(["/quick/"] * 20),
            url=target.url,
            locustfile=LOCUSTFILE,
            folder=ROOT,
            log=tmp_path / "locust.log",
            port=free_port(),
            tell=visit,
        )

    assert "QuizTaker" in pages[0]
    assert "Student" in pages[0]
    assert target.seen == []


def test_a_page_whose_port_is_taken_says_so(target: Running, tmp_path: Path) -> None:
    with pytest.raises(ProbeError, match=r"Locust's page ended with exit code"):
        show_page(
            plan(["/quick/"]),
            url=target.url,
            locustfile=LOCUSTFILE,
            folder=ROOT,
            log=tmp_path / "locust.log",
            port=int(target.url.rpartition(":")[2]),
            tell=lambda url: None,
        )


def test_journeys_go_from_one_answer_to_the_next(target: Running, tmp_path: Path) -> None:
    people = {"student": [{"Authorization": "s"}], "instructor": [{"Authorization": "i"}]}
    path = tmp_path / "plan.json"
    path.write_text(json.dumps({**plan(["/quick/"]), "people": people, "results": str(tmp_path / "results.json")}))
    journeys = ["BrowsingStudent", "QuizTaker", "GradingInstructor"]
    options = ["--headless", "--host", target.url, "-u", "12", "-r", "12", "--run-time", "4s", "--only-summary"]

    subprocess.run(
        [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), *options, *journeys],
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
    } <= sent
    assert ("POST", "/api/submissions/9/grade/", "i") not in sent


def test_by_hand_without_a_plan_locust_says_how_to_get_one() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "HARNESS_LOAD_PLAN"}

    ended = subprocess.run(
        [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "--headless"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert ended.returncode != 0
    assert "There is nothing to send" in ended.stderr + ended.stdout
    assert "Traceback" not in ended.stderr
