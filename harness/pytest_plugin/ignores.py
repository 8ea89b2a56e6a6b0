"""Repeated statements that somebody accepted: with a reason, until a day, and reported when nothing needs them."""

from __future__ import annotations

import datetime
import shlex
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Any

import pytest

IGNORED = "queries ignored"
_EXAMPLE = 'shop.Order.customer until=2027-01-31 reason="the export is rewritten"'


@dataclass(frozen=True)
class Ignore:
    """One accepted repetition; `pattern` is a relation, "file:function" of a place, or a test, with wildcards."""

    number: int
    pattern: str
    until: datetime.date
    reason: str

    def matches(self, statement: dict[str, Any], test: str) -> bool:
        """Tell whether it accepts a statement of a test."""
        places = [f"{place['file']}:{place['function']}" for place in statement["path"]]
        return any(fnmatch(each, self.pattern) for each in (statement["relation"], test, *places))


class Ignores:
    """All of them."""

    def __init__(self, lines: list[str]) -> None:
        self._all = [_read(number, line) for number, line in enumerate(lines)]
        self._today = datetime.datetime.now(tz=datetime.timezone.utc).date()  # noqa: UP017
        self.used: set[int] = set()

    def accept(self, statement: dict[str, Any], test: str, item: pytest.Item) -> bool:
        """Tell whether a statement is accepted, and note in the test's report by which ignore."""
        found = [each for each in self._all if each.until >= self._today and each.matches(statement, test)]
        for each in found[:1]:
            item.user_properties.append((IGNORED, str(each.number)))
        return bool(found)

    def complaints(self, *, whole_run: bool) -> list[str]:
        """Name the ignores that ended, and after a whole run those that no test needed."""
        lines = [
            f"The ignore of {each.pattern} ended on {each.until}: {each.reason}; mend it or say why it stays."
            for each in self._all
            if each.until < self._today
        ]
        unneeded = [each for each in self._all if each.until >= self._today and each.number not in self.used]
        return lines + [f"No test needs the ignore of {each.pattern}; take it out." for each in unneeded if whole_run]


def _read(number: int, line: str) -> Ignore:
    try:
        pattern, *rest = shlex.split(line)
        values = dict(word.split("=", 1) for word in rest)
        ignore = Ignore(number, pattern, datetime.date.fromisoformat(values.pop("until")), values.pop("reason").strip())
    except (ValueError, KeyError):
        raise pytest.UsageError(f"queries_ignore: {line!r} is not understood; write it like {_EXAMPLE}") from None
    if values or not ignore.reason:
        raise pytest.UsageError(f'queries_ignore: {line!r} needs until=DATE and reason="...", and nothing else.')
    return ignore
