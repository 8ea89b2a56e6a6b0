"""A run of ``harness migrations`` that is interrupted or killed leaves no process, no server and no folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from harness.temporary import sweep
from tests.harness.migrations.scratch import Project
from tests.harness.processes import has_ended

pytestmark = pytest.mark.slow
REPOSITORY = Path(__file__).resolve().parents[3]
WAIT = "def wait(apps, editor):\n    open('waiting', 'w').close()\n    import time\n    time.sleep(600)\n"
PATIENCE = 60.0
Start = Callable[[], subprocess.Popen[str]]


@pytest.fixture
def base() -> Iterator[Path]:
    """A folder for temporary folders, with a path that is short enough for a server's socket."""
    with tempfile.TemporaryDirectory(prefix="h", dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


@pytest.fixture
def start(project: Project, base: Path) -> Iterator[Start]:
    """Start the command on a project whose second migration never ends, and wait until it runs."""
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        project.app("shop")
        project.migration("shop", "0002_wait", "migrations.RunPython(wait, wait)", more=WAIT)
        named = ["--project", str(project.folder), "--settings", "scratch_settings", "--python", sys.executable]
        process = subprocess.Popen(
            [sys.executable, "-m", "harness", "migrations", *named],
            env={**os.environ, "PYTHONPATH": str(REPOSITORY), "TMPDIR": str(base)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        started.append(process)
        until((project.folder / "waiting").exists)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def until(true: Callable[[], bool]) -> None:
    """Wait until something is true."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_nothing(start: Start, base: Path, number: signal.Signals) -> None:
    process = start()
    below = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == (130, "")
    assert err == "harness: Interrupted; everything it started is stopped and everything it created is dropped.\n"
    assert not any(each.is_running() for each in below)
    assert list(base.iterdir()) == []


def test_a_killed_run_leaves_no_process_and_what_the_next_one_removes(start: Start, base: Path) -> None:
    process = start()
    below = psutil.Process(process.pid).children(recursive=True)
    assert len(below) > 2
    process.kill()
    until(lambda: all(has_ended(each.pid) for each in below))
    until(lambda: not list(base.glob("harness-pg-*")))
    process.wait()
    sweep(base)
    assert list(base.iterdir()) == []
