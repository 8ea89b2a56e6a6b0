"""Compares one answer of the candidate with that of the baseline release, and finds the declaration that covers it."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any, Literal

import msgspec

from harness.operations import Catalog, Differs, Operation
from harness.probes.cast import Case, failure
from harness.probes.parity import rows, trees

What = Literal["status", "headers", "body", "rows"]
Answer = dict[str, Any]


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One difference: of what, where, and how; never the values themselves."""

    what: What
    where: str
    how: str


def compare(legacy: Answer, others: list[Answer], candidate: Answer, shared: rows.Shared) -> list[Difference]:
    """Compare two answers; what differs in `others`, more answers of the same release, is compared by type only.

    Where the status differs, so do body and headers: they are not compared then.
    """
    found = list(_rows(legacy, others, candidate, shared))
    if legacy["status"] != candidate["status"]:
        where = f"{legacy['status']} -> {candidate['status']}"
        return [Difference(what="status", where=where, how=failure(candidate) or failure(legacy)), *found]
    return [*_headers(legacy, others, candidate), *_body(legacy, others, candidate), *found]


def is_stable(legacy: Answer, others: list[Answer]) -> bool:
    """Tell whether the baseline release gives the same kind of answer each time."""
    return all(legacy["status"] == other["status"] and legacy["commits"] == other["commits"] for other in others)


def by_itself(legacy: Answer, others: list[Answer]) -> set[str]:
    """Return the JSON paths in which answers of one release differ by themselves."""
    return set(trees.blurred(trees.blur(legacy["body"], [other["body"] for other in others])))


class Declarations:
    """The intended differences of a catalog; it remembers which were needed."""

    def __init__(self, catalog: Catalog, operations: list[Operation]) -> None:
        names = [operation.name for operation in operations]
        self._own = {operation.name: operation.differs for operation in operations}
        self._anywhere = [each for each in catalog.differs if any(fnmatchcase(name, each.operation) for name in names)]
        self._used: set[tuple[int, str]] = set()

    def reason(self, case: Case, status: int, difference: Difference) -> str:
        """Return the reason of the declaration that covers a difference, "" if none does."""
        name = case.operation.name
        wide = [each for each in self._anywhere if fnmatchcase(name, each.operation)]
        for declared in [*self._own[name], *wide]:
            if _covers(declared, case, status, difference):
                for pattern in declared.patterns:
                    if fnmatchcase(difference.where, pattern):
                        self._used.add((id(declared), pattern))
                        return declared.reason
        return ""

    def unused(self) -> list[tuple[str, Differs, str]]:
        """Return operation, declaration and pattern of all that covered nothing."""
        own = [(name, each) for name, declared in self._own.items() for each in declared]
        all_of_them: list[tuple[str, Differs]] = [*own, *((each.operation, each) for each in self._anywhere)]
        return [
            (name, each, pattern)
            for name, each in all_of_them
            for pattern in each.patterns
            if (id(each), pattern) not in self._used
        ]


def _covers(declared: Differs, case: Case, status: int, difference: Difference) -> bool:
    return (
        declared.what == difference.what
        and declared.actor in ("", case.sender.name)
        and fnmatchcase(case.name, declared.case)
        and fnmatchcase(str(status), declared.status.replace("x", "?") or "*")
    )


def _headers(legacy: Answer, others: list[Answer], candidate: Answer) -> Iterator[Difference]:
    old, new = legacy["headers"], candidate["headers"]
    for name in sorted(old.keys() | new.keys()):
        if name not in new or name not in old:
            yield Difference(what="headers", where=name, how="missing" if name in old else "added")
        elif old[name] != new[name] and all(old[name] == other["headers"].get(name) for other in others):
            how = f"{old[name]} -> {new[name]}" if name == "content-type" else "another value"
            yield Difference(what="headers", where=name, how=how)


def _body(legacy: Answer, others: list[Answer], candidate: Answer) -> Iterator[Difference]:
    blurred = trees.blur(legacy["body"], [other["body"] for other in others])
    for where, how in trees.differences(blurred, candidate["body"]):
        yield Difference(what="body", where=where, how=how)


def _rows(legacy: Answer, others: list[Answer], candidate: Answer, shared: rows.Shared) -> Iterator[Difference]:
    if legacy["commits"] != candidate["commits"]:
        how = "cannot be committed" if legacy["commits"] else "can be committed"
        yield Difference(what="rows", where="*", how=how)
    if legacy["rows"] is None or candidate["rows"] is None:
        # After an error of the database nothing of the transaction can be read, and nothing of it stays.
        if legacy["rows"] or candidate["rows"]:
            yield Difference(what="rows", where="*", how="written by only one release, the other breaks off")
        return
    known = [other["rows"] for other in others if other["rows"] is not None]
    for where, how in rows.differences(legacy["rows"], known, candidate["rows"], shared):
        yield Difference(what="rows", where=where, how=how)
