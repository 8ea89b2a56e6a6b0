"""The way from a watched server to the test run: one connection for each request, one line of JSON for each message."""

from __future__ import annotations

import json
import os
import socket
from typing import Any

ADDRESS = "HARNESS_SERVED_ADDRESS"
KEY = "HARNESS_SERVED_KEY"
TARGET = "HARNESS_SERVED_TARGET"
FOLDER = "HARNESS_SERVED_FOLDER"
HEADER = "Harness-Test"
_SECONDS = 60


class NotReported(RuntimeError):  # noqa: N818
    """Raised when the test run does not hear what is reported: an answer that nobody counted must not look like one."""


def is_wanted() -> bool:
    """Tell whether a test run has asked this process to report."""
    return ADDRESS in os.environ


class Line:
    """A connection that lives as long as what it is about, so that a death is noticed at the other end."""

    def __init__(self, kind: str, **facts: Any) -> None:
        host, _, port = os.environ[ADDRESS].rpartition(":")
        try:
            self._socket = socket.create_connection((host, int(port)), timeout=_SECONDS)
        except OSError as error:
            raise NotReported(_words(error.strerror or str(error))) from error
        self._file = self._socket.makefile("rwb")
        self.answer = self.say({"kind": kind, "key": os.environ.get(KEY, ""), "process": os.getpid(), **facts})

    def say(self, message: dict[str, Any]) -> dict[str, Any]:
        """Send a message and return what the test run says to it; raises NotReported."""
        try:
            self._file.write(json.dumps(message).encode() + b"\n")
            self._file.flush()
            answer = self._file.readline()
        except OSError as error:
            raise NotReported(_words(error.strerror or str(error))) from error
        if not answer:
            raise NotReported(_words("it hung up"))
        return dict(json.loads(answer))

    def close(self) -> None:
        """Hang up."""
        self._file.close()
        self._socket.close()


def _words(why: str) -> str:
    return f"The test run that watches this server cannot be reached ({why}); start the server from a running test."
