"""The fixture `queries`: count a block, or prove how a block grows."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from harness.pytest_plugin.captured import Captured
from harness.pytest_plugin.collection import key
from harness.pytest_plugin.growing import Claim, prove
from harness.pytest_plugin.judging import GROWN, check_budget, check_known, check_ledger
from harness.pytest_plugin.session import Session
from harness.queries import ledger
from harness.queries.growth import SIZES, Growth


class Queries:
    """What a test does with its queries."""

    def __init__(self, node: pytest.Item, session: Session) -> None:
        self._node = node
        self._session = session

    def __call__(self, *, at_most: int | None = None, exactly: int | None = None, name: str = "") -> _Block:
        """Open a block whose queries are counted; with `name` it has an entry of its own in the ledger."""
        return _Block(self._node, self._session, at_most, exactly, name)

    def grow(
        self,
        *,
        populate: Callable[[int], Any],
        run: Callable[[], Any],
        sizes: Sequence[int] = SIZES,
        grows: Claim | None = None,
    ) -> Growth:
        """Count `run()` in worlds of several sizes, each made by `populate(n)` and rolled back, and return the growth.

        `grows` is "constant" (what the marker says, or by default) or "linear"; a statement that grows faster fails the
        test. Each world is counted warm: run() is called once before it is counted.
        """
        marked = [each.kwargs["grows"] for each in self._node.iter_markers("queries") if "grows" in each.kwargs]
        claim: Claim = grows if grows else next(iter(marked), "constant")
        self._node.stash[GROWN] = True
        return prove(populate, run, sorted(sizes), claim)


class _Block:
    """One block of a test."""

    def __init__(
        self, node: pytest.Item, session: Session, at_most: int | None, exactly: int | None, name: str
    ) -> None:
        self._node = node
        self._session = session
        self._at_most = at_most
        self._exactly = exactly
        self._name = name
        self._captured = Captured()

    def __enter__(self) -> Captured:
        self._captured.open(sys._getframe(1))
        return self._captured

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        self._captured.close()
        if kind is not None:
            return
        check_known(self._captured)
        check_budget(self._captured, self._at_most, self._exactly)
        # A marked test has its entry as a whole.
        marked = any(set(each.kwargs) != {"n_plus_one"} for each in self._node.iter_markers("queries"))
        if self._session.is_watching and (self._name or not marked):
            counted = ledger.entry(self._captured.report)
            if self._name:
                counted["tests"] = [key(self._node)]
            check_ledger(self._node, self._session, self._name or key(self._node), counted, self._captured)
