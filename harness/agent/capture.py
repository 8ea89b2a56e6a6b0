"""Counts the queries of a block, grouped by statement and by the project's lines that caused them."""

from __future__ import annotations

import math
import sys
import threading
from itertools import count
from types import FrameType
from typing import Any

from harness.agent import hooks, statements
from harness.agent.advice import advise
from harness.agent.callpath import CallPath, call_path, describe, installed, owner, place_of
from harness.agent.causes import Cause, find_cause, find_prefetch

KINDS = ("reads", "writes", "transactions")
_SAVEPOINTS = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")
Key = tuple[str, str, CallPath, int, int]
"""Database, text, path, number of the request, number of the thread."""

_numbers = count()


class _Thread(threading.local):
    """The number of the current thread; Python's own identities are given again to later threads."""

    def __init__(self) -> None:
        self.number = next(_numbers)


_thread = _Thread()


class Group:
    """One statement from one path, within one request and one thread."""

    __slots__ = (
        "alias",
        "asked",
        "cause",
        "count",
        "installed",
        "owner",
        "params",
        "path",
        "prefetched",
        "same",
        "scope",
        "seconds",
        "sql",
    )

    def __init__(self, alias: str, sql: str, path: CallPath, scope: tuple[int, int], params: Any, asked: float) -> None:
        self.alias = alias
        self.sql = sql
        self.path = path
        self.scope = scope
        self.params = params
        self.count = 0
        self.seconds = 0.0
        self.cause: Cause | None = None
        self.owner: type[Any] | None = None
        self.asked = asked
        self.same = True
        self.installed: dict[str, Any] | None = None
        self.prefetched: tuple[str, str] | None = None


class Capture:
    """Counts every query and cache operation of the process, whatever thread or database, until it is closed.

    Django's own query log is not used: it is capped, and counts through it are wrong beyond 9,000 queries. What is kept
    are (code, instruction) pairs, never frames: a frame would keep the locals of the whole call alive. With
    `parameters` the first parameters of each statement are kept until the capture is gone, for EXPLAIN.
    """

    def __init__(self, *, parameters: bool = False) -> None:
        self.operations: dict[str, int] = {}
        self._parameters = parameters
        self._groups: dict[Key, Group] = {}
        self._shapes: dict[CallPath, set[str]] = {}
        self._requests = 0
        self._opener: FrameType | None = None

    def __enter__(self) -> Capture:
        self.open(sys._getframe(1))
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def open(self, opener: FrameType | None = None) -> None:
        """Begin; call paths end at the frame `opener`, which is let go at the end."""
        self._opener = opener
        hooks.listen(self)

    def close(self) -> None:
        """End; the counts stay."""
        hooks.ignore(self)
        self._opener = None

    def query(self, alias: str, sql: Any, params: Any, seconds: float, frame: FrameType) -> None:
        """Count one query; the costly look at its cause is taken when a statement comes again on a path."""
        if type(sql) is not str:
            sql = str(sql)
        key = (alias, sql, call_path(frame, self._opener), self._requests, _thread.number)
        group = self._groups.get(key)
        if group is None:
            group = self._first(key, params, frame)
        else:
            if group.same and group.asked != _asked(params):
                group.same = False
            if group.cause is None:
                group.cause = find_cause(frame, sql)
                if not group.path:
                    # The first time may have been another line of the package's; this is the one that comes again.
                    group.installed = installed(frame, self._opener)
        group.count += 1
        group.seconds += seconds

    def _first(self, key: Key, params: Any, frame: FrameType) -> Group:
        """Return the group of a text that comes for the first time on its path."""
        alias, sql, path, request, thread = key
        is_savepoint = sql.startswith(_SAVEPOINTS)
        if is_savepoint:
            # Each has a name of its own; unnamed, those of one line are one group.
            sql = statements.unnamed_savepoint(sql)
            key = (alias, sql, path, request, thread)
            if key in self._groups:
                return self._groups[key]
        kept = params if self._parameters else None
        group = self._groups[key] = Group(alias, sql, path, (request, thread), kept, _asked(params))
        if not path:
            group.owner = owner(frame, self._opener)
            group.installed = installed(frame, self._opener)
        if not is_savepoint:
            self._look_at(group, frame)
        return group

    def _look_at(self, group: Group, frame: FrameType) -> None:
        """Find out about the first statement of a group what its frames alone tell."""
        if " IN (" in group.sql:
            group.prefetched = find_prefetch(frame)
        if self._comes_again(group):
            group.cause = find_cause(frame, group.sql)

    def _comes_again(self, group: Group) -> bool:
        """Tell whether its path ran a statement of this shape before; the first of a path is not looked at."""
        shapes = self._shapes.get(group.path)
        if shapes is None:
            self._shapes[group.path] = {group.sql}
            return False
        if len(shapes) == 1:
            shapes = self._shapes[group.path] = {statements.normalise(each) for each in shapes}
        before = len(shapes)
        shapes.add(statements.normalise(group.sql))
        return len(shapes) == before

    def cache(self, operation: str) -> None:
        """Count one cache operation; its key is not looked at."""
        self.operations[operation] = self.operations.get(operation, 0) + 1

    def request(self) -> None:
        """Begin to count the next request of a test client: two requests are no loop."""
        self._requests += 1

    @property
    def groups(self) -> list[Group]:
        """What was counted, in order of appearance."""
        return list(self._groups.values())

    def busy(self, times: int) -> list[CallPath]:
        """Return the paths that ran `times` statements or more within one request and thread, whatever they were.

        A statement that one line repeats is on one of them; to ask costs far less than a report.
        """
        counts: dict[tuple[CallPath, str, tuple[int, int]], int] = {}
        for group in self._groups.values():
            if not group.sql.startswith(_SAVEPOINTS):
                key = group.path, "" if group.path else statements.normalise(group.sql), group.scope
                counts[key] = counts.get(key, 0) + group.count
        return list(dict.fromkeys(path for (path, _, _), number in counts.items() if number >= times))

    def report(self) -> dict[str, Any]:
        """Return JSON types: counts per kind, and the statements with counts, call paths, causes and advice.

        "queries" holds reads, writes, transactions and cache operations; each of "statements" holds "count", "most"
        (the count within one request and thread), "path" (innermost place first), "database", "table", "benign"
        (repeated because Django works in batches) and, where it is repeated, "relation" and "advice".
        """
        found: dict[tuple[str, str, CallPath], list[Group]] = {}
        for group in self._groups.values():
            found.setdefault((group.alias, statements.normalise(group.sql), group.path), []).append(group)
        merged = [_merge(normalised, groups) for (_, normalised, _), groups in found.items()]
        advise(merged)
        counts = dict.fromkeys(KINDS, 0)
        for each in merged:
            counts[each["kind"]] += each["count"]
            del each["cause"], each["prefetched"], each["same"]
        return {
            "queries": {**counts, "cache": sum(self.operations.values())},
            "cache": dict(self.operations),
            "statements": merged,
            "database_seconds": sum(group.seconds for group in self._groups.values()),
        }


def _asked(params: Any) -> float:
    """Return what tells one statement's parameters from another's, never a value; NaN: they cannot be compared."""
    try:
        # Django's own are a tuple.
        return hash(params if type(params) is tuple else _pairs(params))
    except Exception:  # noqa: BLE001 - a parameter's own code must not break the project's query
        return math.nan


def _pairs(params: Any) -> tuple[Any, ...]:
    return tuple(params.items() if isinstance(params, dict) else params or ())


def _merge(normalised: str, groups: list[Group]) -> dict[str, Any]:
    first = groups[0]
    together: dict[tuple[int, int], int] = {}
    for group in groups:
        together[group.scope] = together.get(group.scope, 0) + group.count
    causes = [group.cause for group in groups if group.cause]
    owned: Any = next((group.owner for group in groups if group.owner), None)
    kind = statements.kind(first.sql)
    # The last batch may hold one row only, and then looks like none.
    batches = any(each.benign for each in causes)
    return {
        "fingerprint": statements.fingerprint(normalised),
        "sql": statements.shorten(normalised),
        "kind": kind,
        "database": first.alias,
        "table": statements.table(normalised),
        "count": sum(group.count for group in groups),
        "most": max(together.values()),
        "path": describe(first.path) if first.path else [dict(place_of(owned))] if owned else [],
        "installed": next((group.installed for group in groups if group.installed), None),
        "same": len(groups) == 1 and first.same,
        "recursive": _is_recursive(first.path),
        "benign": kind == "transactions" or _is_paging(groups) or batches,
        "cause": next(iter(causes), None),
        "prefetched": next((group.prefetched for group in groups if group.prefetched), None),
        "relation": "",
        "advice": None,
    }


def _is_recursive(path: CallPath) -> bool:
    """Whether one function occurs twice in a path: it called itself."""
    codes = [place[0] for place in path if len(place) == 2]
    return len(codes) > len(set(codes))


def _is_paging(groups: list[Group]) -> bool:
    """Whether a table was read page by page: each text differs in its offset."""
    return len(groups) > 1 and all(each.count == 1 and " OFFSET " in each.sql for each in groups[1:])
