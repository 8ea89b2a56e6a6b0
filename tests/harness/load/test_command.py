"""``harness load``: a profile without a verdict, or Locust's page."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil
import pytest

from harness.cli import main
from tests.harness.load.test_generator import free_port
from tests.harness.queries.library import write_library

ROOT = Path(__file__).resolve().parents[3]
ROLLOUT = f"""
name = "library"

[source]
release = "old"
seed = ["fill"]

[[release]]
name = "old"
path = "site"
settings = "settings"

[[phase]]
number = 1
name = "Only one"
serves = "old"

[[phase.probe]]
name = "load"
options = {{ profile = "nothing", profiles = "profiles.toml", locustfile = "{ROOT / "loadtests" / "locustfile.py"}" }}
"""
PROFILE = "[profile.short]\nrate = 20\nseconds = 1\nwarmup = 0.5\nusers = 8\nleast = 10\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A library with a rollout file and one short profile."""
    write_library(tmp_path)
    (tmp_path / "rollout.toml").write_text(ROLLOUT)
    (tmp_path / "profiles.toml").write_text(PROFILE)
    return tmp_path


@pytest.mark.slow
@pytest.mark.alone
def test_a_profile_runs_without_a_verdict(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["load", "short", "--project", str(project), "--database", "sqlite", "--format", "json"]

    code = main([*command, "--release", "old"])

    evidence = json.loads(capsys.readouterr().out)
    held = evidence["unsound"]
    assert all("% busy" in doubt for doubt in held)
    assert (code, evidence["probe"], evidence["outcome"]) == (3 if held else 0, "load", "measured")
    assert "20 requests per second" in evidence["details"]["notes"][0]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["shor"], 2, "did you mean 'short'?"),
        (["short", "--phase", "7"], 2, "There is no phase 7"),
        (["short", "--compare"], 2, "Phase 1 has no other release than 'old' to compare; name one with --release."),
        (["short", "--compare", "--workers", "2"], 2, "leave out --workers"),
        (["short", "--compare", "--host", "http://127.0.0.1:9"], 2, "--compare and --host exclude each other"),
        (["short", "--against", "old"], 2, "add --compare"),
    ],
)
def test_a_command_line_that_cannot_be_meant_is_one_sentence(
    project: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, message: str
) -> None:
    assert main(["load", *arguments, "--project", str(project), "--database", "sqlite"]) == code

    told = capsys.readouterr()
    assert message in told.out + told.err


def test_several_phases_want_a_choice(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    second = '[[phase]]\nnumber = 2\nname = "Another"\nserves = "old"\n'
    (project / "rollout.toml").write_text(ROLLOUT + second)

    assert main(["load", "short", "--project", str(project)]) == 2
    assert "Name the phase with --phase; there are 1, 2." in capsys.readouterr().err


@contextlib.contextmanager
def start(project: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Start ``harness load`` on the project; it is interrupted at the end of the block at the latest."""
    process = subprocess.Popen(
        [sys.executable, "-m", "harness", "load", *arguments, "--project", str(project), "--database", "sqlite"],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "NO_COLOR": "1"},
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)


def left_behind(process: subprocess.Popen[str], children: list[psutil.Process]) -> tuple[int, str, list[str]]:
    """Wait for the end; return the exit code, what was said, and which of the children still run."""
    _, said = process.communicate(timeout=60)
    return process.returncode, said, [each.name() for each in children if each.is_running()]


def verdict_of(project: Path) -> tuple[dict[str, Any], str]:
    """Return the verdict and the summary of the only run."""
    [folder] = [each for each in (project / "reports" / "runs").iterdir() if not each.is_symlink()]
    assert "partial" in (folder / "report.html").read_text()
    return json.loads((folder / "verdict.json").read_text()), (folder / "summary.md").read_text()


def wait_for(happened: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait until something has happened, as long as the process runs; at most a minute."""
    for _ in range(300):
        with contextlib.suppress(OSError):
            if happened():
                return
        assert process.poll() is None
        time.sleep(0.2)
    raise AssertionError("it did not happen")


@pytest.mark.slow
def test_with_nothing_but_operations_a_run_begins_and_interrupted_twice_leaves_a_partial_report(tmp_path: Path) -> None:
    write_library(tmp_path)
    project = tmp_path / "site"
    shutil.move(tmp_path / "operations.toml", project)
    bare = ["--quick", "--settings", "settings", "--events", str(project / "events.jsonl")]
    seconds = '"probe":"load".*"done":[4-9]'
    with start(project, "baseline", *bare) as process:
        wait_for(lambda: bool(re.search(seconds, (project / "events.jsonl").read_text())), process)
        children = psutil.Process(process.pid).children(recursive=True)

        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        code, said, left = left_behind(process, children)

    verdict, summary = verdict_of(project)
    assert (code, left) == (130, [])
    assert "report.html, marked as partial." in said
    assert verdict["forward"] == "HOLD"
    assert "so this report is partial" in verdict["reasons"][0]
    assert "list books" in next((project / "reports").rglob("evidence.jsonl")).read_text()
    assert "this report is partial" in summary


@pytest.mark.slow
@pytest.mark.alone
def test_the_page_opens_and_its_last_run_is_reported_when_it_is_ended(project: Path) -> None:
    (project / "profiles.toml").write_text(PROFILE.replace("seconds = 1", "seconds = 60"))
    port = free_port()
    with start(project, "short", "--ui", "--port", str(port), "--workers", "2") as process:
        assert process.stderr
        opened = process.stderr.readline()
        wait_for(lambda: workers(port) == 2, process)
        wait_for(lambda: swarm(port), process)
        wait_for(lambda: state(port)["seconds"] > 2, process)
        children = psutil.Process(process.pid).children(recursive=True)

        process.send_signal(signal.SIGTERM)
        code, said, left = left_behind(process, children)

    verdict, summary = verdict_of(project)
    [kept] = (project / "reports").rglob("load.json")
    results = json.loads(kept.read_text())
    assert opened.startswith("Locust's page: http://127.0.0.1:")
    assert (code, left) == (130, [])
    assert "The last run is in " in said
    assert verdict["forward"] == "HOLD"
    assert "this report is partial" in summary
    assert (results["workers"], results["lost"], results["profile"]) == (2, [], "short")


def swarm(port: int) -> bool:
    """Start a run as the page does; tell whether it began, which it does not before one of the workers is there."""
    asked = urlencode({"user_count": 1, "spawn_rate": 1, "shape_class": "Short"}).encode()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/swarm", asked) as answer:
        return bool(json.load(answer)["success"])


def workers(port: int) -> int:
    """Return how many workers Locust knows of."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/stats/requests") as answer:
        return len(json.load(answer)["workers"])


def state(port: int) -> dict[str, Any]:
    """Return what the Gate page shows."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/gate/state") as answer:
        return dict(json.load(answer))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--workers", "0"], "--workers 0 sends nothing; name at least 1"),
        (["--ui", "--compare"], "--ui and --compare exclude each other"),
        (["--compare", "--host", "http://127.0.0.1:9"], "--compare and --host exclude each other"),
        (["--ui", "--port", "70000"], "There is no port 70000"),
        (["--host", "https://user:secret@staging.example", "--yes"], "Credentials in --host would reach the report"),
        (["--host", "https://staging.example", "--data", "postgresql://a@127.0.0.1:9/b"], "confirm with --yes"),
        (["--host", "http://127.0.0.1:9", "--data", "postgresql://a:secret@127.0.0.1:9/b"], "cannot be reached"),
        (["--insecure"], "--ca-file and --insecure are about the certificate of a host; add --host."),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, options: list[str], message: str
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)

    assert main(["load", "short", "--project", str(project), "--database", "sqlite", *options]) == 2

    said = capsys.readouterr().err
    assert message in said
    assert "secret" not in said
    assert said.count("\n") == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("operations.toml", "draw = 'SELECT id AS book FROM library_book WHERE id < 0'", "its draw returns no row"),
        ("operations.toml", "draw = 'SELECT id AS book FROM users_user'", "no such table: users_user"),
        ("locustfile.py", "raise RuntimeError('my journey is broken')", "RuntimeError: my journey is broken"),
    ],
)
def test_what_cannot_be_sent_is_told(
    project: Path, capsys: pytest.CaptureFixture[str], file: str, text: str, message: str
) -> None:
    operation = '[[operation]]\nname = "show book"\nrequest = "GET /books/{book}/"\n'
    if file == "locustfile.py":
        rollout = ROLLOUT.replace(str(ROOT / "loadtests" / "locustfile.py"), str(project / file))
        (project / "rollout.toml").write_text(rollout)
        operation = ""
    (project / file).write_text(operation + text)

    assert main(["load", "short", "--project", str(project), "--database", "sqlite"]) == 4

    assert message in capsys.readouterr().out


@pytest.mark.slow
def test_locust_started_by_hand_seeds_and_serves_the_platform_itself(project: Path) -> None:
    (project / "loadtests").mkdir()
    for name in ("locustfile.py", "journeys.py"):
        shutil.copy(ROOT / "loadtests" / name, project / "loadtests")
    (project / "loadtests" / "profiles.toml").write_text(PROFILE)

    ended = subprocess.run(
        [sys.executable, "-m", "locust", "-f", "loadtests/locustfile.py", "--headless", "--only-summary", "Anybody"],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(ROOT), "HARNESS_LOAD_OPTIONS": "--database sqlite"},
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert ended.returncode == 0, ended.stderr
    assert "list books" in ended.stdout + ended.stderr
    assert not [each for each in psutil.Process().children(recursive=True) if "--serve" in each.cmdline()]


@pytest.mark.slow
def test_locust_started_by_hand_says_why_the_platform_cannot_be_served(project: Path) -> None:
    shutil.copytree(ROOT / "loadtests", project / "loadtests")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HARNESS_LOAD_OPTIONS": "--phase 7 --database sqlite"}

    ended = subprocess.run(
        [sys.executable, "-m", "locust", "-f", "loadtests/locustfile.py", "--headless"],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert ended.returncode != 0
    assert "There is no phase 7" in ended.stderr
