"""Serves a release over HTTP on loopback."""

from __future__ import annotations

import contextlib
import http.client
import os
import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from harness.databases import Database
from harness.errors import ReleaseError, UsageError
from harness.releases import interpreter
from harness.releases.process import Child
from harness.rollout import Release, Rollout

HOST = "127.0.0.1"
READY_SECONDS = 60.0
BACKLOG = 2048


@dataclass(frozen=True)
class Usage:
    """What the server's processes have used so far: CPU time in seconds, resident memory in bytes."""

    cpu_seconds: float
    rss_bytes: int
    processes: int


class Served:
    """A release that answers at `url`; `server` says which WSGI server it is, `build` is what its answers must name."""

    def __init__(self, release: Release, child: Child, port: int, server: str, build: str = "") -> None:
        self.release = release
        self.build = build
        self.url = f"http://{HOST}:{port}"
        self.pid = child.pid
        self.server = server
        self._child = child
        self._port = port

    def usage(self) -> Usage:
        """Measure its processes; raises ReleaseError when they have ended."""
        cpu, rss, processes = 0.0, 0, 0
        for process in self._child.tree():
            with contextlib.suppress(psutil.NoSuchProcess), process.oneshot():
                times = process.cpu_times()
                cpu += times.user + times.system + times.children_user + times.children_system
                rss += process.memory_info().rss
                processes += 1
        if not processes or not self._child.running:
            raise ReleaseError(f"The server of release {self.release.name!r} has ended: {self._child.last_words()}")
        return Usage(cpu, rss, processes)

    def wait_until_ready(self) -> None:
        """Wait until it answers a request, with whatever status; raises ReleaseError."""
        end = time.monotonic() + READY_SECONDS
        while not self._answers():
            if not self._child.running:
                words = self._child.last_words().rstrip(".")
                raise ReleaseError(f"Release {self.release.name!r} does not serve: {words}.")
            if time.monotonic() > end:
                raise ReleaseError(
                    f"Release {self.release.name!r} did not answer at {self.url} within {READY_SECONDS:.0f} s."
                )
            time.sleep(0.02)

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection(HOST, self._port, timeout=1)
        try:
            connection.request("GET", "/")
            connection.getresponse()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        return True


@contextmanager
def serve(rollout: Rollout, release: Release, database: Database, *, port: int = 0, log: Path) -> Iterator[Served]:
    """Serve a release on a database on loopback, port 0 for a free one; errors of the server are appended to `log`.

    Raises UsageError when the port is in use, ReleaseError when the release does not answer.
    """
    python, folder = interpreter.python(rollout, release), rollout.path(release.path)
    with _listen(port) as listening, interpreter.environment(release, database) as environment:
        command, server = _command(python, folder, listening.fileno())
        environment["HARNESS_BUILD"] = build = f"{release.name}-{secrets.token_hex(4)}".replace(" ", "-")
        child = Child(
            command, folder=folder, environment=environment, log=log, answers=False, keep=[listening.fileno()]
        )
        try:
            served = Served(release, child, listening.getsockname()[1], server, build)
            listening.close()
            served.wait_until_ready()
            yield served
        finally:
            child.stop()


def _command(python: str, folder: Path, descriptor: int) -> tuple[list[str], str]:
    if interpreter.has_module(python, folder, "gunicorn"):
        configuration = ["-c", "python:harness.agent.workers", "--bind", f"fd://{descriptor}"]
        return [
            python,
            "-m",
            "gunicorn",
            *configuration,
            "harness.agent.wsgi:application",
        ], "gunicorn (gthread, 8 threads)"
    return [python, "-m", "harness.agent.web", str(descriptor)], "Django's threaded WSGI server"


def _listen(port: int) -> socket.socket:
    """Bind here, so that a port in use is known at once and nobody can take the port in between."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
    except OSError as error:
        listening.close()
        raise UsageError(
            f"Port {port} cannot be used: {os.strerror(error.errno or 0)}; choose another, or 0 for any."
        ) from None
    listening.listen(BACKLOG)
    return listening
