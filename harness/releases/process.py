"""One child process and everything below it: started in a group of its own, logged, and stopped as a whole."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import psutil

MARK = "harness.agent: "
PATIENCE = 5.0


class Child:
    """A process in a session of its own, so that Ctrl-C reaches the harness alone and the harness stops it in order."""

    def __init__(
        self,
        command: list[str],
        *,
        folder: Path,
        environment: dict[str, str],
        log: Path,
        answers: bool,
        keep: Sequence[int] = (),
    ) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        self._log = log
        with log.open("ab") as output:
            self._start = output.tell()
            self._process = subprocess.Popen(
                command, cwd=folder, env=environment, stdin=subprocess.PIPE, stderr=output, pass_fds=tuple(keep),
                stdout=subprocess.PIPE if answers else output, start_new_session=True,
            )  # fmt: skip
        self.pid = self._process.pid

    @property
    def requests(self) -> IO[bytes]:
        """Its standard input; the end of it tells the child that the harness is gone."""
        assert self._process.stdin is not None  # noqa: S101
        return self._process.stdin

    @property
    def answers(self) -> IO[bytes]:
        """Its standard output, where it was started with `answers`."""
        assert self._process.stdout is not None  # noqa: S101
        return self._process.stdout

    @property
    def running(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def tree(self) -> list[psutil.Process]:
        """Return the process and its descendants."""
        try:
            top = psutil.Process(self.pid)
            return [top, *top.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def last_words(self) -> str:
        """Return the sentence with which it ended, or else the last line that it logged."""
        with self._log.open("rb") as file:
            file.seek(self._start)
            lines = [line.strip() for line in file.read().decode(errors="replace").splitlines() if line.strip()]
        marked = [line.removeprefix(MARK) for line in lines if line.startswith(MARK)]
        return (marked or lines or ["it wrote nothing to its log"])[-1]

    def hang_up(self, patience: float = PATIENCE) -> None:
        """Close its input and give it time to end by itself; then stop it."""
        with contextlib.suppress(BrokenPipeError):
            self.requests.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(patience)
        self.stop()

    def stop(self) -> None:
        """Stop it and everything below it, politely first."""
        below = self.tree()
        self._signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(PATIENCE)
        self.kill()
        for process in below:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()

    def kill(self) -> None:
        """Kill it and its group at once; `stop` must still follow."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        """Signal the whole group; it may be gone already."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)
