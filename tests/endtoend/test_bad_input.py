"""One clear sentence and the documented exit code for everything that a user can get wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.endtoend.conftest import REPOSITORY, Copy

pytestmark = pytest.mark.slow


def harness(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "harness", *arguments],
        cwd=cwd,
        env={**os.environ, "NO_COLOR": "1", "PYTHONPATH": str(REPOSITORY), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
    )


def says(done: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """Assert the exit code and one sentence on stderr that holds the words."""
    assert done.returncode == code, done.stdout + done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    for word in words:
        assert word in lines[0], lines[0]


def test_an_unknown_key_is_named_with_the_nearest_one(copy: Copy) -> None:
    copy.replace("rollout.toml", 'serves = "legacy"', 'servs = "legacy"')
    says(harness("gate", "3", cwd=copy.path), 2, "rollout.toml", "servs", "did you mean 'serves'?")


def test_a_wrong_type_is_named_with_its_key(copy: Copy) -> None:
    copy.replace("operations.toml", 'request = "GET /api/users/me/"', "request = 7")
    says(harness("gate", "3", cwd=copy.path), 2, "operations.toml", "request", "expected `str`")


def test_a_phase_that_does_not_exist_is_answered_with_those_that_do(copy: Copy) -> None:
    says(harness("gate", "9", cwd=copy.path), 2, "There is no phase 9", "3")


def test_a_folder_without_a_rollout_file_is_named(tmp_path: Path) -> None:
    says(harness("gate", "3", cwd=tmp_path), 2, "rollout.toml does not exist")


def test_an_unreachable_database_is_named_without_its_password(copy: Copy) -> None:
    done = harness("gate", "3", "--database", "postgresql://me:hunter2@127.0.0.1:1/x", cwd=copy.path)
    says(done, 2, "127.0.0.1")
    assert "hunter2" not in done.stdout + done.stderr


def test_missing_postgresql_binaries_are_named(copy: Copy, tmp_path: Path) -> None:
    says(harness("gate", "3", "--database", str(tmp_path), cwd=copy.path), 2, str(tmp_path))


@pytest.fixture
def started(copy: Copy, tmp_path: Path) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that are stopped at the end of the test, whatever happens."""
    processes: list[subprocess.Popen[str]] = []
    yield processes
    for process in processes:
        if process.poll() is None:
            process.kill()


def begin(folder: Path, temporary: Path) -> subprocess.Popen[str]:
    """Start a gate whose temporary files all lie in `temporary`."""
    temporary.mkdir()
    return subprocess.Popen(
        [sys.executable, "-m", "harness", "gate", "3", "--quick"],
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1", "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )


def descendants(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


@pytest.mark.postgres
def test_ctrl_c_stops_everything_and_drops_everything(
    copy: Copy, tmp_path: Path, started: list[subprocess.Popen[str]]
) -> None:
    copy.keep_probes("integrity", "way back", learners=400)
    process = begin(copy.path, tmp_path / "temporary")
    started.append(process)
    deadline = time.monotonic() + 60
    seen: dict[int, psutil.Process] = {}
    while not any("harness.agent" in " ".join(_command(each)) for each in seen.values()):
        assert time.monotonic() < deadline, "an agent is started"
        assert process.poll() is None, "the gate still runs"
        seen |= {each.pid: each for each in descendants(process)}
        time.sleep(0.05)

    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)

    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    _, alive = psutil.wait_procs(seen.values(), timeout=10)
    assert not alive
    assert not list((tmp_path / "temporary").iterdir())


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


@pytest.mark.postgres
def test_two_gates_at_once_do_not_disturb_each_other(
    copy: Copy, tmp_path: Path, started: list[subprocess.Popen[str]]
) -> None:
    copy.keep_probes("migrations", "integrity", "way back")
    for name in ("one", "two"):
        started.append(begin(copy.path, tmp_path / name))

    outputs = [process.communicate(timeout=200) for process in started]

    assert [process.returncode for process in started] == [0, 0], outputs
    assert len(list((copy.path / "reports/runs").glob("*-phase-3*"))) == 2
