"""Counts each request of a server for itself, however many are answered at once."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from harness.agent import hooks
from harness.agent.caches import clear_caches
from harness.agent.callpath import name_from
from harness.agent.capture import Capture
from harness.agent.served.line import FOLDER, Line

_beginning = threading.Lock()
_life: list[Line] = []


def begin() -> None:
    """Say that this process is watched, and listen; once is enough, whatever is wrapped.

    The connection stays open: it ends with the process, and with all that were forked from it.
    """
    if _life:
        return
    _life.append(Line("hello"))
    name_from(os.environ[FOLDER])
    hooks.listen(_ByContext())


class _ByContext:
    """Hands on to the request that the current context answers; what belongs to none is nobody's."""

    def query(self, alias: str, sql: Any, params: Any, seconds: float, frame: FrameType) -> None:
        request = hooks.REQUEST.get()
        if request is not None:
            request.query(alias, sql, params, seconds, frame)

    def cache(self, operation: str) -> None:
        request = hooks.REQUEST.get()
        if request is not None:
            request.cache(operation)

    def request(self) -> None:
        """Do nothing: each request has a capture of its own."""


class Request:
    """One request, from its beginning to its report; nothing is counted where no test wants it."""

    def __init__(self, test: str) -> None:
        self._capture = Capture()
        self._lock = threading.Lock()
        # Nobody begins while caches are cleared for the first request of a test: counts would depend on who was first.
        with _beginning:
            self._line = Line("request", test=test)
            self._is_open = bool(self._line.answer["wanted"])
            if self._line.answer["cold"]:
                clear_caches()
        if not self._is_open:
            self._line.close()

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Count what this context asks; what goes wrong ends the request."""
        token = hooks.REQUEST.set(self if self._is_open else None)
        try:
            yield
        except BaseException:
            self.end()
            raise
        finally:
            hooks.REQUEST.reset(token)

    def query(self, alias: str, sql: Any, params: Any, seconds: float, frame: FrameType) -> None:
        """Count a query; threads of the request may ask at once, or when it is over."""
        with self._lock:
            if self._is_open:
                self._capture.query(alias, sql, params, seconds, frame)

    def cache(self, operation: str) -> None:
        """Count a cache operation."""
        with self._lock:
            if self._is_open:
                self._capture.cache(operation)

    def request(self) -> None:
        """Do nothing: this is the request."""

    def end(self) -> None:
        """Report, once; returns when the test run has the report; raises NotReported."""
        with self._lock:
            was_open, self._is_open = self._is_open, False
        if was_open:
            self._line.say(self._capture.report())
            self._line.close()


class Rest:
    """What is left of an answer: whoever has the announced length has the whole answer."""

    def __init__(self) -> None:
        self._bytes: int | None = None

    def announce(self, length: str) -> None:
        """Take the value of Content-Length."""
        self._bytes = int(length) if length.strip().isdigit() else None

    def ends_with(self, part: int) -> bool:
        """Tell whether an answer of known length ends with the next part, of so many bytes."""
        if self._bytes is None:
            return False
        self._bytes -= part
        return self._bytes <= 0
