"""The harness's end of an agent: call procedures in a release's interpreter."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from harness.databases import Database
from harness.errors import AgentError, ReleaseError
from harness.releases import interpreter
from harness.releases.process import Child
from harness.rollout import Release, Rollout

Progress = Callable[[str, float, float], None]
START_SECONDS = 120.0
HELLO = 0


class Agent:
    """An agent that runs in a release's interpreter, on one database."""

    def __init__(self, release: Release, child: Child) -> None:
        self.release = release
        self.pid = child.pid
        self._child = child
        self._number = HELLO
        self._lock = threading.Lock()

    def call(
        self, procedure: str, /, *, progress: Progress | None = None, patience: float | None = None, **arguments: Any
    ) -> Any:
        """Call a procedure and return its result (JSON types).

        Raises AgentError when it fails there, ReleaseError when the process breaks off, or when it was ended because
        the answer took longer than `patience` seconds.
        """
        with self._lock:
            self._number += 1
            request = {"id": self._number, "call": procedure, "arguments": arguments}
            try:
                self._child.requests.write(json.dumps(request).encode() + b"\n")
                self._child.requests.flush()
            except (BrokenPipeError, ValueError):
                raise self._broken(procedure) from None
            return (
                self._receive(procedure, progress) if patience is None else self._within(patience, procedure, progress)
            )

    def _within(self, patience: float, procedure: str, progress: Progress | None) -> Any:
        timer = threading.Timer(patience, self._child.kill)
        timer.start()
        end = time.monotonic() + patience
        try:
            return self._receive(procedure, progress)
        except AgentError:
            raise
        except ReleaseError:
            if time.monotonic() >= end:
                raise ReleaseError(
                    f"Release {self.release.name!r} did not answer {procedure!r} within {patience:.0f} s."
                ) from None
            raise
        finally:
            timer.cancel()

    def wait_until_started(self) -> None:
        """Wait for its first answer; raises ReleaseError with one sentence when the project does not start."""
        timer = threading.Timer(START_SECONDS, self._child.kill)
        timer.start()
        end = time.monotonic() + START_SECONDS
        try:
            self._receive("start", None)
        except AgentError as error:
            raise AgentError(f"Release {self.release.name!r}: {error}", kind=error.kind, trace=error.trace) from None
        except ReleaseError:
            if time.monotonic() >= end:
                raise ReleaseError(f"Release {self.release.name!r} did not start in {START_SECONDS:.0f} s.") from None
            raise
        finally:
            timer.cancel()

    def _receive(self, procedure: str, progress: Progress | None) -> Any:
        for line in self._child.answers:
            answer = json.loads(line)
            if answer["id"] != self._number:
                continue
            if "progress" in answer:
                if progress:
                    progress(*(answer["progress"][part] for part in ("message", "done", "total")))
            elif "error" in answer:
                raise self._failed(procedure, answer["error"])
            else:
                return answer["result"]
        raise self._broken(procedure)

    def _failed(self, procedure: str, error: dict[str, str]) -> AgentError:
        """Failures that the agent words itself are passed on; of other exceptions the kind is named too."""
        if error["kind"] in ("Failed", "NotStarted"):
            sentence = error["message"]
        else:
            said = f"{error['kind']}: {error['message']}".rstrip(". ")
            sentence = f"Release {self.release.name!r} failed in {procedure!r}: {said}."
        return AgentError(sentence, kind=error["kind"], trace=error["trace"])

    def _broken(self, procedure: str) -> ReleaseError:
        words = self._child.last_words().rstrip(".")
        return ReleaseError(f"Release {self.release.name!r} ended during {procedure!r}: {words}.")


@contextmanager
def open_agent(rollout: Rollout, release: Release, database: Database, *, log: Path) -> Iterator[Agent]:
    """Run an agent of a release on a database; its prints and tracebacks are appended to `log`.

    Raises ReleaseError (or AgentError) with one sentence when the project does not start.
    """
    python, folder = interpreter.python(rollout, release), rollout.path(release.path)
    with interpreter.environment(release, database) as environment:
        child = Child([python, "-m", "harness.agent"], folder=folder, environment=environment, log=log, answers=True)
        try:
            agent = Agent(release, child)
            agent.wait_until_started()
            yield agent
        except BaseException:
            child.stop()
            raise
        child.hang_up()
