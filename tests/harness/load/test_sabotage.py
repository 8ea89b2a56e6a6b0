"""What goes wrong ends in the right verdict, with the right reason: a platform that is really served, and broken."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import pytest

from harness.cli._load_report import exit_code
from harness.evidence import Evidence
from harness.operations import read_operations
from harness.probes.load import Load
from harness.probes.load.soundness import BUSIEST_MACHINE
from harness.probes.load.stage import LoadOptions
from harness.probes.world import World
from harness.rollout import read_rollout
from harness.runs import Run
from tests.harness.load.plans import make_plan
from tests.harness.load.target import run_target
from tests.harness.load.test_command import ROLLOUT, ROOT
from tests.harness.load.test_generator import free_port, held_against, send
from tests.harness.queries.library import write_library

pytestmark = pytest.mark.slow
PROFILE = """
[profile.short]
rate = 20
seconds = {seconds}
warmup = 0.5
users = 16
least = 10
thresholds = [
    {{ measure = "p95", at_most = 400 }},
    {{ measure = "error share", at_most = 0 }},
    {{ measure = "memory growth", at_most = 30 }},
]
"""
BREAKING = """
import os, time

from django.http import HttpResponse

LEAK = []

def Breaking(get_response):
    served = [0]

    def serve(request):
        served[0] += 1
        {line}
        return get_response(request)
    return serve
"""
BUSY = """
import time

from locust import events

from pathlib import Path

from harness.load.cast import make_cast

globals().update(make_cast(Path.cwd()))


# 16 users can have a request open each, so that at most 33 of the 40 that are due are sent in time.
@events.request.add_listener
def work(**_):
    end = time.thread_time() + 0.15
    while time.thread_time() < end:
        pass
"""
LINES = {
    "nothing": "pass",
    "slow": "time.sleep(0.5)",
    "failing": "assert served[0] % 5",
    "leaking": "LEAK.append(bytearray(3 * 2**20))",
    "dying": "served[0] < 30 or os.kill(os.getppid(), 9) or os._exit(1)",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A library, migrated and filled once, with a middleware that each test breaks in its own way."""
    folder = tmp_path_factory.mktemp("broken")
    write_broken(folder)
    rollout = read_rollout(folder / "rollout.toml")
    run = Run.create(folder / "runs", 1)
    catalog = read_operations(folder / "operations.toml")
    made = World(rollout, rollout.find_phase(1), catalog, run, database="sqlite", quick=False, emit=lambda event: None)
    with closing(made):
        yield made


def write_broken(folder: Path) -> None:
    """Write the library with the middleware."""
    write_library(folder)
    (folder / "rollout.toml").write_text(ROLLOUT)
    (folder / "operations.toml").write_text('[[operation]]\nname = "list books"\nrequest = "GET /books/"\n')
    settings = folder / "site" / "settings.py"
    settings.write_text(settings.read_text() + '\nMIDDLEWARE = [*MIDDLEWARE, "breaking.Breaking"]\n')


def run(world: World, line: str, seconds: int, *, locustfile: str = "") -> tuple[int, Evidence]:
    """Serve the library with `line` in every request, and return exit code and evidence of a load."""
    folder = Path(world.rollout.folder)
    (folder / "site" / "breaking.py").write_text(BREAKING.format(line=line))
    (folder / "profiles.toml").write_text(PROFILE.format(seconds=seconds))
    options = LoadOptions(
        profile="short",
        profiles="profiles.toml",
        locustfile=locustfile or str(ROOT / "loadtests" / "locustfile.py"),
    )
    evidence = Load().measure(world, options)
    return exit_code(evidence), evidence


@pytest.mark.parametrize(
    ("sabotage", "finding"),
    [
        ("slow", "p95 must be at most 400 ms, and is not"),
        ("failing", "'list books' answered 500 under load"),
        pytest.param("leaking", "memory growth must be at most 30 %, and is not", marks=pytest.mark.alone),
    ],
)
def test_a_release_that_is_worse_is_a_no(world: World, sabotage: str, finding: str) -> None:
    code, evidence = run(world, LINES[sabotage], 7 if sabotage == "leaking" else 2)

    assert finding in [each.why for each in evidence.findings]
    assert code == 1


def test_a_release_that_lets_nobody_in_is_named_once_with_its_reason(world: World) -> None:
    code, evidence = run(world, 'return HttpResponse(status=401, content="no")', 9)

    assert code == 1
    assert evidence.findings[0].why == (
        "every request without an actor was refused (401): the platform wants to know who asks"
    )
    assert "it was ended early: every request failed (status 401)" in evidence.unsound


def test_a_server_that_dies_is_not_believed(world: World) -> None:
    code, evidence = run(world, LINES["dying"], 4)

    assert code in (1, 3)
    assert any("the server ended" in each for each in evidence.unsound)
    assert "'list books' did not answer under load" in [each.why for each in evidence.findings]


@pytest.mark.alone
def test_a_generator_that_is_asked_too_much_is_not_believed(world: World) -> None:
    (Path(world.rollout.folder) / "busy.py").write_text(BUSY)
    code, evidence = run(world, LINES["nothing"], 2, locustfile="busy.py")

    assert any("requests per second were sent and answered" in each for each in evidence.unsound)
    [machine] = evidence.select("machine cpu")
    if machine.value < BUSIEST_MACHINE:  # else something else took the core that it wanted
        assert any("the load generator used" in each for each in evidence.unsound)
        assert (code, evidence.findings) == (3, [])


@pytest.mark.alone
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
                time.sleep(1.5)
                workers[0].send_signal(signal.SIGKILL)
                killed.append(workers[0].pid)

    thread = threading.Thread(target=kill, daemon=True)
    with run_target() as target:
        plan = make_plan("/quick/", rate=20, seconds=6, warmup=0.5)
        thread.start()
        figures = send(target, plan, tmp_path, workers=2)

    assert killed
    assert "1 of 2 workers fell silent, so what they sent is not known" in held_against(figures, plan)


@pytest.mark.alone
def test_a_master_and_workers_that_are_started_by_hand_share_a_run(tmp_path: Path) -> None:
    project = tmp_path
    write_broken(project)
    (project / "site" / "breaking.py").write_text(BREAKING.format(line=LINES["nothing"]))
    (project / "loadtests").mkdir()
    for name in ("locustfile.py", "journeys.py"):
        (project / "loadtests" / name).write_text((ROOT / "loadtests" / name).read_text())
    for folder in (project, project / "loadtests"):  # what the rollout file names, and where Locust's file looks
        (folder / "profiles.toml").write_text(PROFILE.format(seconds=3))
    locust = [sys.executable, "-m", "locust", "-f", "loadtests/locustfile.py", "--headless"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HARNESS_LOAD_OPTIONS": "--database sqlite"}
    port = str(free_port())
    common: dict[str, Any] = {"cwd": project, "env": environment, "stderr": subprocess.PIPE, "text": True}

    workers = [
        subprocess.Popen([*locust, "--worker", "--master-port", port], stdout=subprocess.DEVNULL, **common)
        for _ in range(2)
    ]
    master = subprocess.run(
        [*locust, "--master", "--master-bind-port", port, "--expect-workers", "2", "--only-summary", "Anybody"],
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
    assert 60 <= int(aggregated.split()[1]) <= 70
