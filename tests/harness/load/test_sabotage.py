"""What goes wrong ends in the right verdict, with the right reason: a platform that is really served, and broken."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from harness.cli import main
from tests.harness.load.plans import make_plan
from tests.harness.load.target import run_target
from tests.harness.load.test_command import ROLLOUT, ROOT
from tests.harness.load.test_generator import held_against, send
from tests.harness.queries.library import write_library

pytestmark = [pytest.mark.slow, pytest.mark.alone]
PROFILES = """
[profile.short]
rate = 20
seconds = 7
warmup = 0.5
users = 16
least = 10
thresholds = [
    { measure = "p95", at_most = 400 },
    { measure = "error share", at_most = 0 },
    { measure = "memory growth", at_most = 30 },
]
"""
BREAKING = """
import os, time

LEAK = []

def Breaking(get_response):
    served = [0]

    def serve(request):
        served[0] += 1
        {line}
        return get_response(request)
    return serve
"""
LINES = {
    "slow": "time.sleep(0.5)",
    "failing": "assert served[0] % 5",
    "leaking": "LEAK.append(bytearray(3 * 2**20))",
    "dying": "served[0] < 30 or os.kill(os.getppid(), 9) or os._exit(1)",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A library with a middleware that does nothing yet."""
    write_library(tmp_path)
    (tmp_path / "rollout.toml").write_text(ROLLOUT)
    (tmp_path / "operations.toml").write_text('[[operation]]\nname = "list books"\nrequest = "GET /books/"\n')
    (tmp_path / "profiles.toml").write_text(PROFILES)
    settings = tmp_path / "site" / "settings.py"
    settings.write_text(settings.read_text() + '\nMIDDLEWARE = [*MIDDLEWARE, "breaking.Breaking"]\n')
    return tmp_path


def run(project: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    command = ["load", "short", "--project", str(project), "--database", "sqlite", "--format", "json"]
    code = main(command)
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("sabotage", "finding"),
    [
        ("slow", "p95 must be at most 400 ms, and is not"),
        ("failing", "'list books' answered 500 under load"),
        ("leaking", "memory growth must be at most 30 %, and is not"),
    ],
)
def test_a_release_that_is_worse_is_a_no(
    project: Path, capsys: pytest.CaptureFixture[str], sabotage: str, finding: str
) -> None:
    (project / "site" / "breaking.py").write_text(BREAKING.format(line=LINES[sabotage]))
    seconds = 7 if sabotage == "leaking" else 3
    (project / "profiles.toml").write_text(PROFILES.replace("seconds = 7", f"seconds = {seconds}"))

    code, evidence = run(project, capsys)

    assert finding in [each["why"] for each in evidence["findings"]]
    assert code == 1


def test_a_server_that_dies_is_not_believed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "site" / "breaking.py").write_text(BREAKING.format(line=LINES["dying"]))

    code, evidence = run(project, capsys)

    assert code in (1, 3)
    assert any("the server ended" in each for each in evidence["unsound"])
    assert "'list books' did not answer under load" in [each["why"] for each in evidence["findings"]]


def test_a_generator_that_is_asked_too_much_is_not_believed(tmp_path: Path) -> None:
    with run_target() as target:
        plan = make_plan("/quick/", rate=30_000, seconds=2, warmup=0.5, users=64)

        figures = send(target, plan, tmp_path)

    against = held_against(figures, plan)
    assert any("requests per second were sent and answered" in each for each in against)


def test_a_worker_that_is_lost_is_named(tmp_path: Path) -> None:
    killed = []

    def kill() -> None:
        while not killed:
            time.sleep(0.2)
            workers = [
                each
                for child in psutil.Process().children()
                if "locust" in child.cmdline()
                for each in child.children()
            ]
            if len(workers) == 2:
                time.sleep(2.5)
                workers[0].send_signal(signal.SIGKILL)
                killed.append(workers[0].pid)

    thread = threading.Thread(target=kill, daemon=True)
    with run_target() as target:
        plan = make_plan("/quick/", rate=20, seconds=8, warmup=0.5)
        thread.start()
        figures = send(target, plan, tmp_path, workers=2)

    assert killed
    assert "1 of 2 workers fell silent, so what they sent is not known" in held_against(figures, plan)


def test_a_master_and_workers_that_are_started_by_hand_share_a_run(project: Path) -> None:
    (project / "site" / "breaking.py").write_text(BREAKING.format(line="pass"))
    (project / "loadtests").mkdir()
    for name in ("locustfile.py", "journeys.py"):
        (project / "loadtests" / name).write_text((ROOT / "loadtests" / name).read_text())
    (project / "loadtests" / "profiles.toml").write_text(PROFILES)
    locust = [sys.executable, "-m", "locust", "-f", "loadtests/locustfile.py", "--headless"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HARNESS_LOAD_OPTIONS": "--database sqlite"}
    common: dict[str, Any] = {"cwd": project, "env": environment, "stderr": subprocess.PIPE, "text": True}

    workers = [
        subprocess.Popen([*locust, "--worker", "--master-port", "15557"], stdout=subprocess.DEVNULL, **common)
        for _ in range(2)
    ]
    master = subprocess.run(
        [*locust, "--master", "--master-bind-port", "15557", "--expect-workers", "2", "--only-summary", "Anybody"],
        stdout=subprocess.PIPE,
        timeout=120,
        check=False,
        **common,
    )
    codes = [worker.wait(30) for worker in workers]
    for worker in workers:
        worker.stderr.close()

    assert (master.returncode, codes) == (0, [0, 0]), master.stderr
    aggregated = next(line for line in (master.stdout + master.stderr).splitlines() if "Aggregated" in line)
    assert 140 <= int(aggregated.split()[1]) <= 150
