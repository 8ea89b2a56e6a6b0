"""JSON lines between the harness and a release: procedures, progress, and errors without row content."""

from __future__ import annotations

import json
import re
import sys
import traceback
from collections.abc import Callable
from typing import Any, BinaryIO, TypeVar

Report = Callable[[str, float, float], None]
F = TypeVar("F", bound=Callable[..., Any])

PROCEDURES: dict[str, Callable[..., Any]] = {}
MISSING: dict[str, str] = {}
LONGEST_MESSAGE = 500


def procedure(function: F) -> F:
    """Register a function; its first parameter is `report(message, done, total)`, its result JSON types."""
    if function.__name__ in PROCEDURES:
        raise ValueError(f"There are two procedures called {function.__name__!r}.")
    PROCEDURES[function.__name__] = function
    return function


class Failed(Exception):  # noqa: N818
    """Raised by a procedure that cannot do what it was asked; the message is one sentence for the user."""


class Channel:
    """The agent's end of the line: one JSON object per line."""

    def __init__(self, requests: BinaryIO, answers: BinaryIO) -> None:
        self._requests = requests
        self._answers = answers

    def receive(self) -> dict[str, Any] | None:
        """Wait for the next request; None when the harness has hung up."""
        line = self._requests.readline()
        request: dict[str, Any] | None = json.loads(line) if line else None
        return request

    def send(self, answer: dict[str, Any]) -> None:
        """Write one answer; raises TypeError when JSON cannot hold it."""
        from django.core.serializers.json import DjangoJSONEncoder

        self._answers.write(json.dumps(answer, cls=DjangoJSONEncoder).encode() + b"\n")
        self._answers.flush()

    def answer(self, request: dict[str, Any]) -> None:
        """Call the procedure that a request names and send its result, or what went wrong."""
        number = request["id"]

        def report(message: str, done: float = 0, total: float = 0) -> None:
            self.send({"id": number, "progress": {"message": message, "done": done, "total": total}})

        try:
            called = _find(request["call"])
            self.send({"id": number, "result": called(report, **request.get("arguments", {}))})
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a project raises is an answer
            said = describe(error)
            complain(said["trace"])
            self.send({"id": number, "error": said})


def describe(error: BaseException) -> dict[str, str]:
    """Describe an exception for the harness: kind, message and trace, all without row content."""
    return {"kind": type(error).__name__, "message": clean(error), "trace": trace(error)}


def clean(error: BaseException) -> str:
    """Return what an exception says without the values that a database's message may quote.

    PostgreSQL shows rows in the lines after the first (DETAIL, CONTEXT) and quotes bad values after a colon.
    """
    if isinstance(error, SystemExit):
        return f"it ended the process with exit code {error.code}"
    lines = str(error).strip().splitlines()
    first = lines[0] if lines else ""
    if _is_of_database(error) or isinstance(error, (ValueError, ArithmeticError)):
        first = re.sub(r""":\s*["'].*$""", "", first)
    return first[:LONGEST_MESSAGE]


def trace(error: BaseException) -> str:
    """Return the traceback of an exception and its causes, each with its cleaned message."""
    parts: list[str] = []
    current: BaseException | None = error
    while current is not None and len(parts) < 10:
        frames = "".join(traceback.format_tb(current.__traceback__))
        parts.append(f"{frames}{type(current).__name__}: {clean(current)}\n")
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "\nThe above exception led to:\n".join(reversed(parts))


def _is_of_database(error: BaseException) -> bool:
    modules = {kind.__module__.partition(".")[0] for kind in type(error).__mro__}
    return bool(modules & {"psycopg", "psycopg2", "sqlite3"}) or type(error).__module__.startswith("django.db")


def _find(name: str) -> Callable[..., Any]:
    if name not in PROCEDURES:
        missing = "".join(f"; {module}.py was not imported ({why})" for module, why in MISSING.items())
        raise Failed(f"The agent has no procedure {name!r}; it has {', '.join(sorted(PROCEDURES))}{missing}.")
    return PROCEDURES[name]


def complain(text: str) -> None:
    """Write to the log."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201
