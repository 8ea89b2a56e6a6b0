"""Runs another program to its end: its output in a log, its progress read from there, nothing of it left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from harness.errors import ProbeError

OUTER_RUN = ("COVERAGE_", "COV_CORE_", "PYTEST_", "DJANGO_SETTINGS_MODULE")
GRACE = 10.0
PAUSE = 0.1


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment without what an outer run of pytest or coverage put there, plus `extra`.

    Output of Python is unbuffered, so that a log is in order and progress is seen in time.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OUTER_RUN)}
    return {**kept, "PYTHONUNBUFFERED": "1", **(extra or {})}


def run(
    command: Sequence[str],
    *,
    folder: Path,
    log: Path,
    environment: Mapping[str, str],
    seconds: float,
    on_line: Callable[[str], None] | None = None,
) -> int:
    """Run `command` in `folder`, append what it prints to `log`, and return its exit code.

    `on_line` receives each line soon after it was printed. Raises ProbeError where the program does not start or takes
    longer than `seconds`; on that and on any other exception its whole process group is stopped.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output, log.open("rb") as reader:
        reader.seek(0, os.SEEK_END)
        process = _start(command, folder, environment, output)
        try:
            _follow(process, reader, seconds, on_line)
        finally:
            _stop(process)
    return process.returncode


def last_words(log: Path, *starts: str) -> str:
    """Return the last line of a log that begins with one of `starts`, else its last line; at most 200 characters."""
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    chosen = [line for line in lines if line.startswith(starts)] if starts else []
    return (chosen or lines or [""])[-1][:200]


def _start(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], output: IO[bytes]
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            list(command),
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        raise ProbeError(f"{command[0]!r} does not start in {folder}: {error.strerror}.") from None


def _follow(
    process: subprocess.Popen[bytes], reader: IO[bytes], seconds: float, on_line: Callable[[str], None] | None
) -> None:
    """Wait for the end and hand over the lines meanwhile, from a file: a stray child could hold a pipe open."""
    deadline = time.monotonic() + seconds
    rest = b""
    while True:
        ended = process.poll() is not None
        *lines, rest = (rest + reader.read()).split(b"\n")
        if on_line:
            for line in lines:
                on_line(line.decode("utf-8", "replace"))
        if ended:
            return
        if time.monotonic() > deadline:
            raise ProbeError(
                f"It did not end within {seconds:g} s and was stopped; its log is {Path(reader.name).name}."
            )
        time.sleep(PAUSE)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Interrupt the program where it still runs (so that it can clean up), then end whatever is left of its group."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
