"""``harness load``: a profile without a verdict, or Locust's page."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from harness.cli import main
from tests.harness.load.test_generator import free_port
from tests.harness.queries.library import write_library

pytestmark = [pytest.mark.slow, pytest.mark.alone]
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


def test_the_page_opens_and_everything_stops_on_an_interrupt(project: Path) -> None:
    options = ["--project", str(project), "--database", "sqlite", "--ui", "--port", str(free_port())]
    process = subprocess.Popen(
        [sys.executable, "-m", "harness", "load", "short", *options],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "NO_COLOR": "1"},
    )
    assert process.stderr
    line = process.stderr.readline()

    process.send_signal(signal.SIGINT)
    process.wait(60)

    assert line.startswith("Locust's page: http://127.0.0.1:"), line + process.stderr.read()
    process.stderr.close()
    assert process.returncode == 130


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
