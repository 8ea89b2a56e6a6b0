"""Asks the routes of a draft: what answers 200 is an operation, with rows that were seen to answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from msgspec.structs import replace

from harness.databases import Database
from harness.errors import ConfigurationError, ProbeError, ReleaseError
from harness.operations import Actor, Catalog
from harness.probes.binding import Binder, Bound, bind
from harness.probes.queries.drafted import Entry, Try
from harness.probes.queries.patient import Patient
from harness.probes.queries.side import describe
from harness.rollout import Release

ROUTE_SECONDS = 20.0
UNKNOWN = "nothing says what a placeholder stands for; write a 'draw'"
NO_ROW = "there is no row for its placeholders; seed some, or write a 'draw'"
NO_ANSWER = "no row that may be meant answers 200; write a 'draw'"
DOUBTFUL = "It answers with this row, but no statement shows that it looks this row up; check the 'draw'."
_OK, _NOT_ALLOWED = 200, 405
_LEAST_SECONDS = 1.0


class Asker:
    """Asks routes of a release on one database, as one person, each within 20 s for all rows that are tried."""

    def __init__(self, release: Release, agent: Patient, database: Database, actors: list[Actor]) -> None:
        self._release = release
        self._agent = agent
        self._database = database
        # One person asks: a session of each user for each route would take longer than all answers together.
        self._catalog = Catalog(actor=[replace(actor, draw=f"{actor.draw} LIMIT 1") for actor in actors])
        self._end = 0.0

    def ask(self, entry: Entry) -> None:
        """Make an entry the first of its tries that answers, or note why it is no operation."""
        if not entry.tries:
            entry.remark, entry.detail = UNKNOWN, _names(entry.route["unknown"])
            return
        self._end = monotonic() + ROUTE_SECONDS
        try:
            with self._binder() as binder:
                if entry.route["parameters"]:
                    self._find_row(entry, binder)
                else:
                    self._ask_twice(entry, binder)
        except (ProbeError, ConfigurationError, ReleaseError) as error:
            entry.remark = str(error).rstrip(".")

    @contextmanager
    def _binder(self) -> Iterator[Binder]:
        def open_sessions(users: list[Any]) -> list[str]:
            cookies: list[str] = self._agent.call("open_sessions", ROUTE_SECONDS, users=users)
            return cookies

        with bind(self._catalog, self._database, open_sessions=open_sessions) as binder:
            yield binder

    def _send(self, entry: Entry, **options: bool) -> dict[str, Any]:
        left = max(self._end - monotonic(), _LEAST_SECONDS)
        [answer] = self._agent.call("request", left, requests=[entry.request], **options)
        return dict(answer)

    def _ask_twice(self, entry: Entry, binder: Binder) -> None:
        operation = entry.tries[0].operation
        entry.request = binder.first(operation).as_request()
        entry.answer = self._send(entry)
        if entry.answer["status"] == _OK:
            entry.again = self._send(entry, capture=False)
            entry.operation, entry.remark = operation, ""
        else:
            entry.remark = describe(self._release, entry.answer, operation)

    def _find_row(self, entry: Entry, binder: Binder) -> None:
        """Ask with one row of each draw, until one answers 200 and was looked up for that."""
        refused: list[str] = []
        doubtful: Try | None = None
        for each, bound in _different(entry, binder):
            if refused and self._end - monotonic() < _LEAST_SECONDS:
                refused.append(f"not all within {ROUTE_SECONDS:.0f} s")
                break
            entry.request = bound.as_request()
            entry.answer = self._send(entry, warm=False)
            if entry.answer["status"] == _NOT_ALLOWED:
                entry.remark = describe(self._release, entry.answer, each.operation)
                return
            if entry.answer["status"] != _OK:
                refused.append(_refusal(entry.answer))
            elif all(_compares(entry.answer, columns) for columns in each.reads):
                entry.operation, entry.remark = each.operation, ""
                return
            elif doubtful is None and all(_asks(entry.answer, columns) for columns in each.reads):
                doubtful = each
            else:
                refused.append("200 without a look at the row")
        if doubtful:
            entry.operation, entry.remark, entry.doubts = doubtful.operation, "", [DOUBTFUL]
            return
        entry.remark = NO_ANSWER if refused else NO_ROW
        entry.detail = ", ".join(dict.fromkeys(refused)) or _names(entry.route["parameters"])


def _different(entry: Entry, binder: Binder) -> Iterator[tuple[Try, Bound]]:
    """Yield a request for each draw that finds a row and fills the path as none did before."""
    seen: set[str] = set()
    for each in entry.tries:
        try:
            bound = binder.first(each.operation)
        except ProbeError:
            continue
        is_whole = all(bound.values.get(name) not in (None, "") for name in entry.route["parameters"])
        if is_whole and bound.path not in seen:
            seen.add(bound.path)
            yield each, bound


def _refusal(answer: dict[str, Any]) -> str:
    return f"{answer['status']} ({answer['exception']})" if answer["exception"] else str(answer["status"])


def _compares(answer: dict[str, Any], columns: list[str]) -> bool:
    """Tell whether an answer was made with a statement that looks one of some columns up."""
    return any(f"{column} = %s" in each["sql"] for each in answer["statements"] for column in columns)


def _asks(answer: dict[str, Any], columns: list[str]) -> bool:
    """Tell whether an answer was made with a statement about the table of one of some columns."""
    tables = {column.rpartition(".")[0] for column in columns}
    return any(each["table"] in tables for each in answer["statements"])


def _names(placeholders: list[str]) -> str:
    return ", ".join("{" + each + "}" for each in placeholders)
