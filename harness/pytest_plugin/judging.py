"""Holds what was counted against the marker, the whole suite's rule and the ledger."""

from __future__ import annotations

import unittest
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import _pytest.python
import pytest
from _pytest.unittest import TestCaseFunction

from harness.agent import hooks
from harness.agent.caches import clear_caches
from harness.pytest_plugin import message
from harness.pytest_plugin.captured import Captured, end_paths_at
from harness.pytest_plugin.collection import key
from harness.pytest_plugin.session import Session
from harness.queries import ledger, words

GROWN = pytest.StashKey[bool]()
_KEYS = ("at_most", "exactly", "grows", "n_plus_one")
_ended: list[bool] = []


class TestJudge:
    """Counts one test from outside and judges it."""

    __test__ = False

    def __init__(self, item: pytest.Item, markers: list[pytest.Mark], session: Session) -> None:
        self._item = item
        self._session = session
        # Whoever only asks for N+1 detection has claimed no number that could be recorded.
        self._marked = any(set(marker.kwargs) != {"n_plus_one"} for marker in markers)
        # The closest marker has the last word.
        self._claims = {key: value for marker in reversed(markers) for key, value in _claims(marker).items()}
        self._threshold = int(self._claims.get("n_plus_one", session.threshold))
        self._captured = Captured()

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Count what happens inside."""
        hooks.hold()
        if not _ended:
            end_paths_at(
                _pytest.python.pytest_pyfunc_call.__code__,
                unittest.TestCase.run.__code__,
            )
            _ended.append(True)
        if isinstance(self._item, TestCaseFunction) and self._item.instance is not None:
            with self._counting_method(self._item.instance):
                yield
        else:
            with self._capturing():
                yield

    @contextmanager
    def _counting_method(self, case: Any) -> Iterator[None]:
        """Count the test's method alone, as of other tests: setUp() and the flush afterwards are fixtures."""
        call = case._callTestMethod

        def counted(method: Any) -> Any:
            with self._capturing(cold=False):
                return call(method)

        # Before setUp(): a test may rely on what that brings into the caches.
        clear_caches()

        case._callTestMethod = counted
        try:
            yield
        finally:
            del case._callTestMethod

    @contextmanager
    def _capturing(self, *, cold: bool = True) -> Iterator[None]:
        self._captured.open(cold=cold)
        try:
            yield
        finally:
            self._captured.close()

    def judge(self) -> None:
        """Fail the test with the first thing that is wrong; one of unittest that failed or skipped has said so."""
        if getattr(self._item, "_excinfo", None):
            return
        check_known(self._captured)
        check_budget(self._captured, self._claims.get("at_most"), self._claims.get("exactly"))
        if self._claims.get("grows") and not self._item.stash.get(GROWN, False):
            pytest.fail("The marker says how the queries grow, but the test never calls queries.grow().", pytrace=False)
        if self._threshold:
            self._check_repetition()
        if self._marked and self._session.is_watching:
            name = key(self._item)
            check_ledger(self._item, self._session, name, ledger.entry(self._captured.report), self._captured)

    def _check_repetition(self) -> None:
        if all(path and self._is_of_test(path) for path in self._captured.busy(self._threshold)):
            return
        found = [each for each in self._captured.repeated if each["most"] >= self._threshold]
        found = [each for each in found if each.get("served") or not self._is_of_test(each["path"])]
        name = key(self._item)
        found = [each for each in found if not self._session.ignores.accept(each, name, self._item)]
        if found:
            pytest.fail(
                message.repeated([{**each, "passes": self._loop_of_test(each)} for each in found]), pytrace=False
            )

    def _loop_of_test(self, each: dict[str, Any]) -> dict[str, Any] | None:
        """Return the place of the test that loops around a statement, too; of one from a server it is not known."""
        looping = (place for place in each["path"] if self._session.is_test(place) and place.get("loop"))
        return None if each.get("served") else next(looping, None)

    def _is_of_test(self, path: list[dict[str, Any]]) -> bool:
        """Tell whether a path is the test's own, or the one loop on it is: a service that a test calls for each row."""
        others = [place for place in path if not self._session.is_test(place)]
        functions = {(place["file"], place["function"]) for place in others}
        if len(functions) < len(others) or any(place.get("loop", True) for place in others):
            return False
        return not others or any(place.get("loop", False) for place in path)


def check_known(captured: Captured) -> None:
    """Fail the test where a server was to be watched and what it asked is not known."""
    if captured.unknown:
        pytest.fail(captured.unknown, pytrace=False)


def check_budget(captured: Captured, at_most: int | None, exactly: int | None) -> None:
    """Fail the test where it ran more queries than `at_most`, or not `exactly` as many."""
    if at_most is not None and captured.total > at_most:
        pytest.fail(message.over_budget(captured, words.at_most(at_most)), pytrace=False)
    if exactly is not None and captured.total != exactly:
        pytest.fail(message.over_budget(captured, f"exactly {exactly} are expected"), pytrace=False)


def check_ledger(item: pytest.Item, session: Session, name: str, counted: ledger.Entry, captured: Captured) -> None:
    """Hand what was counted to the session, and fail the test where it is worse than recorded."""
    session.tell(item, name, counted)
    if not session.is_checking:
        return
    recorded = session.recorded.get(name)
    if recorded is None:
        pytest.fail(f"{name} is not in the ledger; record it with --queries-record.", pytrace=False)
    worse = ledger.worse(recorded, counted)
    if worse:
        lines = [f"{name} got worse: {worse}.", *ledger.difference(recorded, counted)]
        grown = [each for each in captured.statements if ledger.is_more(recorded, each)]
        pytest.fail("\n".join([*lines, *message.statements(grown), "", message.COLD]), pytrace=False)


def _claims(marker: pytest.Mark) -> dict[str, Any]:
    unknown = sorted(set(marker.kwargs) - set(_KEYS))
    if marker.args or unknown:
        wrong = unknown[0] if unknown else repr(marker.args[0])
        pytest.fail(f"The marker 'queries' does not know {wrong}; it takes {', '.join(_KEYS)}.", pytrace=False)
    if marker.kwargs.get("grows") not in (None, "constant", "linear"):
        pytest.fail("The marker 'queries' takes grows='constant' or grows='linear'.", pytrace=False)
    return dict(marker.kwargs)
