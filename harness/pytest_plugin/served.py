"""Hears what servers in other processes asked of their databases, and which test they did it for."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import harness
from harness.agent import hooks
from harness.agent.capture import Capture
from harness.agent.served.line import ADDRESS, FOLDER, HEADER, KEY, TARGET
from harness.pytest_plugin.captured import Captured
from harness.temporary import temporary_folder
from harness.words import number

_SECONDS = 10.0


class Watch:
    """What a server has to be started with, so that its queries are counted; `target` is the application it serves."""

    wsgi = "harness.agent.served.wsgi:application"
    asgi = "harness.agent.served.asgi:application"

    def __init__(self, target: str, address: str, folder: str) -> None:
        self.target = target
        self.key = secrets.token_hex(16)
        self.processes: list[socket.socket] = []
        path = os.pathsep.join(filter(None, (folder, os.environ.get("PYTHONPATH", ""))))
        self.environment = {ADDRESS: address, KEY: self.key, TARGET: target, FOLDER: os.getcwd(), "PYTHONPATH": path}

    @property
    def headers(self) -> dict[str, str]:
        """The headers by which a request belongs to the test that runs now, whenever it is sent."""
        return {HEADER: _test()}

    @property
    def is_alive(self) -> bool:
        """Whether a process that said that it is watched still runs."""
        return any(map(_is_open, self.processes))


class _Window:
    """The requests that began while one capture listened."""

    def __init__(self) -> None:
        self.reports: list[dict[str, Any]] = []
        self.reporting: set[str] = set()
        self.processes: set[tuple[str, int]] = set()
        self.pending = 0
        self.lost = 0
        self.silence = ""


class Hub:
    """Where all watched servers of this process report."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._watches: dict[str, Watch] = {}
        self._windows: WeakKeyDictionary[Capture, _Window] = WeakKeyDictionary()
        self._changed = threading.Condition()
        self.seconds = _SECONDS
        threading.Thread(target=self._accept, name="served queries", daemon=True).start()

    @contextmanager
    def watch(self, target: str) -> Iterator[Watch]:
        """Watch a server that is started and ended meanwhile; it serves `target`, "config.wsgi:application"."""
        host, port = self._listening.getsockname()
        with temporary_folder("served") as folder:
            # Nothing but the harness, so that none of the libraries beside it get into another interpreter.
            Path(folder, "harness").symlink_to(Path(harness.__file__).parent, target_is_directory=True)
            watch = Watch(target, f"{host}:{port}", folder)
            self._watches[watch.key] = watch
            try:
                yield watch
            finally:
                self._forget(watch)

    def _forget(self, watch: Watch) -> None:
        with self._changed:
            del self._watches[watch.key]
            for window in self._listening_now() if not watch.processes else ():
                window.silence = _never(watch)
        for each in watch.processes:
            each.close()

    def close(self) -> None:
        """Hear nobody any more."""
        self._listening.close()

    def so_far(self, capture: Capture) -> list[dict[str, Any]]:
        """Return the reports of the requests of a capture that are answered."""
        with self._changed:
            window = self._windows.get(capture)
            return list(window.reports) if window else []

    def end(self, capture: Capture) -> str:
        """Wait for the requests of a capture that are not answered; return what is not known, in one sentence."""
        with self._changed:
            window = self._windows.get(capture, _Window())
            self._changed.wait_for(lambda: not window.pending, self.seconds)
            if window.pending:
                return (
                    f"{number(window.pending, 'request')} to a watched server got no answer within {self.seconds:g} s "
                    "after the test, so the queries are not known; let the test read the whole answer."
                )
            if window.lost:
                return (
                    f"A watched server ended in the middle of {number(window.lost, 'request')}, so the queries are not "
                    "known; look into the server's log."
                )
            return next(filter(None, (_silence(each, window) for each in self._watches.values())), window.silence)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._hear, args=[connection], daemon=True).start()

    def _hear(self, connection: socket.socket) -> None:
        """Hear one process, or one request of it."""
        with connection.makefile("rwb") as file:
            try:
                said = json.loads(file.readline() or "{}")
                watch = self._watches.get(said.get("key", ""))
                if watch and said["kind"] == "hello":
                    watch.processes.append(connection)
                    _say(file, {})
                    return
                if watch:
                    self._take(watch, said, file)
            except (OSError, ValueError):
                pass
        connection.close()

    def _take(self, watch: Watch, said: dict[str, Any], file: Any) -> None:
        """Take in one request, from its beginning to its report; who hangs up before has lost it."""
        windows, is_cold = self._begin((watch.key, said["process"]), said["test"])
        report = None
        try:
            _say(file, {"wanted": bool(windows), "cold": is_cold})
            report = json.loads(file.readline() or "null") if windows else None
        except (OSError, ValueError):
            pass
        with self._changed:
            for window in windows:
                window.pending -= 1
                window.lost += report is None
                if report is not None:
                    window.reports.append(report)
                    window.reporting.add(watch.key)
            self._changed.notify_all()
        if report is not None:
            _say(file, {})

    def _begin(self, process: tuple[str, int], test: str) -> tuple[list[_Window], bool]:
        """Return the windows that a request belongs to, and whether it is the first of its process for one of them."""
        with self._changed:
            windows = self._listening_now() if test in ("", _test()) else []
            is_cold = any(process not in window.processes for window in windows)
            for window in windows:
                window.pending += 1
                window.processes.add(process)
            return windows, is_cold

    def _listening_now(self) -> list[_Window]:
        captures = [each for each in hooks.active if isinstance(each, Capture)]
        return [self._windows.setdefault(each, _Window()) for each in captures]


@contextmanager
def hearing() -> Iterator[Hub]:
    """Let everything that is counted meanwhile count what watched servers report."""
    with closing(Hub()) as hub:
        Captured.servers = hub
        try:
            yield hub
        finally:
            Captured.servers = None


def _silence(watch: Watch, window: _Window) -> str:
    """Say what is wrong with a server of which nothing would be heard."""
    if not watch.processes:
        return _never(watch)
    if watch.key not in window.reporting and not watch.is_alive:
        return (
            f"The watched server of {watch.target} has ended, so its queries are not known; start it again, or end "
            "the watch together with it."
        )
    return ""


def _never(watch: Watch) -> str:
    return (
        f"The server of {watch.target} never said that it is watched, so its queries are not known; start it with the "
        f"environment of the watch and let it serve {watch.wsgi} or {watch.asgi}."
    )


def _test() -> str:
    """Return what identifies the test that runs, with its fixtures; no name goes over the wire."""
    name = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" (")[0]
    return hashlib.sha256(name.encode()).hexdigest()[:16]


def _is_open(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return bool(connection.recv(1, socket.MSG_PEEK))
    except BlockingIOError:
        return True
    except OSError:
        return False


def _say(file: Any, message: dict[str, Any]) -> None:
    file.write(json.dumps(message).encode() + b"\n")
    file.flush()
