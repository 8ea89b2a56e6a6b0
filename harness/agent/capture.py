"""Counts the queries of a block, grouped by statement and by the project's lines that caused them."""

from __future__ import annotations

import inspect
import os
import sys
import sysconfig
from contextlib import ExitStack
from functools import cache
from time import perf_counter
from types import CodeType, FrameType, TracebackType
from typing import Any

import django
from django.db import connections

from harness.agent import statements

CallPath = tuple[tuple[CodeType, int], ...]
_FOREIGN = (
    os.path.realpath(sysconfig.get_paths()["stdlib"]),
    os.path.realpath(os.path.dirname(django.__file__)),
    os.path.realpath(os.path.dirname(os.path.dirname(__file__))),
)
_KNOWN: dict[CodeType, bool] = {}


class Capture:
    """Counts through Django's execute wrappers, never through its query log, which is capped.

    It covers the connections of the current thread that exist when the block begins. It keeps (code, instruction)
    pairs, never frames: a frame would keep the locals of the whole call alive.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self._groups: dict[tuple[str, str, CallPath], int] = {}
        self._owners: dict[str, Any] = {}
        self._stack = ExitStack()
        self._opener = 0

    def __enter__(self) -> Capture:
        self._opener = id(sys._getframe(1))
        for connection in connections.all():
            self._stack.enter_context(connection.execute_wrapper(self._count))
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def _count(self, execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        started = perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.seconds += perf_counter() - started
            path = _path(sys._getframe(1), self._opener)
            key = (context["connection"].alias, str(sql), path)
            self._groups[key] = self._groups.get(key, 0) + 1
            if not path and key[1] not in self._owners:
                self._owners[key[1]] = _owner(sys._getframe(1), self._opener)

    def report(self) -> dict[str, Any]:
        """Return JSON types: counts per kind, and the statements with counts and call paths, innermost place first."""
        counts = {"reads": 0, "writes": 0, "transactions": 0}
        found: dict[tuple[str, CallPath], dict[str, Any]] = {}
        for (_, sql, path), count in self._groups.items():
            kind = statements.kind(sql)
            counts[kind] += count
            normalised = statements.normalise(sql)
            owner = self._owners.get(sql) if not path else None
            places = [place(code, line_of(code, instruction)) for code, instruction in path]
            entry = found.setdefault(
                (normalised, path),
                {
                    "fingerprint": statements.fingerprint(normalised),
                    "sql": statements.shorten(normalised),
                    "kind": kind,
                    "count": 0,
                    "path": [dict(place_of(owner))] if owner else places,
                },
            )
            entry["count"] += count
        return {"queries": counts, "statements": list(found.values()), "database_seconds": self.seconds}


def culprit(trace: TracebackType | None) -> dict[str, Any] | None:
    """Return the innermost place of the project in a traceback."""
    found = None
    while trace is not None:
        if _is_project(trace.tb_frame.f_code):
            found = place(trace.tb_frame.f_code, trace.tb_lineno)
        trace = trace.tb_next
    return found


def place(code: CodeType, line: int) -> dict[str, Any]:
    """Return file (relative to the release's folder where it lies inside), line and function."""
    function = getattr(code, "co_qualname", code.co_name)
    return {"file": _relative(code.co_filename), "line": line, "function": function}


@cache
def place_of(owner: Any) -> dict[str, Any]:
    """Return where a class or function of the project is defined; without its source, the line is 0."""
    file = sys.modules[owner.__module__].__file__ or ""
    try:
        line = inspect.getsourcelines(owner)[1]
    except (OSError, TypeError):
        line = 0
    return {"file": _relative(file), "line": line, "function": owner.__qualname__}


def line_of(code: CodeType, instruction: int) -> int:
    """Return the line of an instruction."""
    for start, end, line in code.co_lines():
        if start <= instruction < end and line is not None:
            return line
    return code.co_firstlineno


def _path(frame: FrameType | None, opener: int) -> CallPath:
    """Collect the project's places from `frame` outwards up to the opener; recursion collapses into one."""
    found: dict[tuple[CodeType, int], None] = {}
    while frame is not None and id(frame) != opener:
        code = frame.f_code
        mine = _KNOWN.get(code)
        if mine is None:
            mine = _KNOWN[code] = _is_project(code)
        if mine:
            found[code, frame.f_lasti] = None
        frame = frame.f_back
    return tuple(found)


def _owner(frame: FrameType | None, opener: int) -> type[Any] | None:
    """Find the innermost object of the project where only a framework's code ran: a serializer, a generic view.

    It reads locals, so it is asked once for each statement that has no call path.
    """
    while frame is not None and id(frame) != opener:
        kind = type(frame.f_locals.get("self"))
        module = sys.modules.get(kind.__module__)
        if getattr(module, "__file__", None) and _is_of_project(str(module.__file__)):  # type: ignore[union-attr]
            return kind
        frame = frame.f_back
    return None


def _is_project(code: CodeType) -> bool:
    return _is_of_project(code.co_filename)


def _is_of_project(name: str) -> bool:
    """Whether a file is neither of the standard library, nor installed, nor of the harness."""
    if name.startswith("<"):
        return False
    path = os.path.realpath(name)
    if "site-packages" in path or "dist-packages" in path:
        return False
    return not path.startswith(tuple(folder + os.sep for folder in _FOREIGN))


@cache
def _relative(name: str) -> str:
    relative = os.path.relpath(os.path.realpath(name))
    return os.path.basename(name) if relative.startswith("..") else relative
