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

    @property
    def _left(self) -> float:
        """The seconds that are left for a route."""
        return max(self._end - monotonic(), _LEAST_SECONDS)

    def _send(self, entry: Entry, *, capture: bool) -> dict[str, Any]:
        [answer] = self._agent.call("request", self._left, requests=[entry.request], capture=capture)
        return dict(answer)

    def _ask_twice(self, entry: Entry, binder: Binder) -> None:
        operation = entry.tries[0].operation
        entry.request = binder.first(operation).as_request()
        entry.answer = self._send(entry, capture=True)
        if entry.answer["status"] == _OK:
            entry.again = self._send(entry, capture=False)
            entry.operation, entry.remark = operation, ""
        else:
            entry.remark = describe(self._release, entry.answer, operation)

    def _find_row(self, entry: Entry, binder: Binder) -> None:
        """Take the first draw whose row answers 200 and was looked up for that; else one whose table was asked."""
        doubtful: Try | None = None
        refused: dict[str, None] = {}
        for each, answer in self._answers(entry, binder):
            if answer["status"] == _NOT_ALLOWED:
                entry.remark = describe(self._release, answer, each.operation)
                return
            if answer["status"] == _OK and _is_in(answer["compared"], each):
                entry.operation, entry.remark = each.operation, ""
                return
            if answer["status"] == _OK and _is_in(answer["asked"], each):
                doubtful = doubtful or each
            refused[_refusal(answer)] = None
        if doubtful:
            entry.operation, entry.remark, entry.doubts = doubtful.operation, "", [DOUBTFUL]
        elif refused:
            entry.remark, entry.detail = NO_ANSWER, ", ".join(refused)
        else:
            entry.remark, entry.detail = NO_ROW, _names(entry.route["parameters"])

    def _answers(self, entry: Entry, binder: Binder) -> Iterator[tuple[Try, dict[str, Any]]]:
        """Yield what is answered to the first row of each draw, as long as there is time; each path is asked once."""
        columns = sorted({column for each in entry.tries for read in each.reads for column in read})
        answers: dict[str, dict[str, Any]] = {}
        for each, bound in _bound(entry, binder):
            # Two tables may have the same key: the answer tells which of them was meant.
            if bound.path not in answers:
                if answers and self._end - monotonic() < _LEAST_SECONDS:
                    return
                request = bound.as_request()
                answers[bound.path] = self._agent.call("look_up", self._left, request=request, columns=columns)
            yield each, answers[bound.path]


def _bound(entry: Entry, binder: Binder) -> Iterator[tuple[Try, Bound]]:
    """Yield a request for each draw that finds a row without gaps."""
    for each in entry.tries:
        try:
            bound = binder.first(replace(each.operation, draw=f"{each.operation.draw} LIMIT 1"))
        except ProbeError:
            continue
        if all(bound.values.get(name) not in (None, "") for name in entry.route["parameters"]):
            yield each, bound


def _refusal(answer: dict[str, Any]) -> str:
    if answer["status"] == _OK:
        return "200 without a look at the row"
    return f"{answer['status']} ({answer['exception']})" if answer["exception"] else str(answer["status"])


def _is_in(columns: list[str], each: Try) -> bool:
    """Tell whether one column of each list that has to be looked up is among some columns."""
    return all(set(read) & set(columns) for read in each.reads)


def _names(placeholders: list[str]) -> str:
    return ", ".join("{" + each + "}" for each in placeholders)
