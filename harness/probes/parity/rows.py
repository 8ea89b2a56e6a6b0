"""Compares the rows that two releases write for the same request: changes by key, added rows by content."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

Change = dict[str, Any]
Columns = Mapping[str, str]
Content = dict[str, str]
Shared = Mapping[str, frozenset[str]]
"""The columns of each table that both schemas have."""


def differences(
    legacy: list[Change], others: list[list[Change]], candidate: list[Change], shared: Shared
) -> Iterator[tuple[str, str]]:
    """Yield place ("table.column" or "table") and kind of every difference.

    What differs in `others`, the changes of the same release by the same request, is compared by its presence only.
    Columns that only one schema has are left out.
    """
    for table in sorted({each["table"] for each in (*legacy, *candidate)}):
        one, two = _of(legacy, table), _of(candidate, table)
        more = [_of(other, table) for other in others]
        found = [*_kept(one, more, two, table, shared), *_added(one, more, two, table, shared)]
        yield from dict.fromkeys(found)


def _of(changes: list[Change], table: str) -> list[Change]:
    return [each for each in changes if each["table"] == table]


def _kept(
    legacy: list[Change], others: list[list[Change]], candidate: list[Change], table: str, shared: Shared
) -> Iterator[tuple[str, str]]:
    """Compare what happens to rows that were there before."""
    one, two, more = _by_key(legacy), _by_key(candidate), [_by_key(other) for other in others]
    for key in one.keys() | two.keys():
        old, new = one.get(key), two.get(key)
        kinds = [each["change"] if each else "left alone" for each in (old, new)]
        if kinds[0] != kinds[1] and {"removed", "emptied"} & set(kinds):
            yield table, f"{kinds[0]} -> {kinds[1]}"
            continue
        columns = [other[key]["columns"] for other in more if key in other]
        for name, how in _altered((old or {}).get("columns", {}), columns, (new or {}).get("columns", {})):
            if table not in shared or name in shared[table]:
                yield f"{table}.{name}", how


def _by_key(changes: list[Change]) -> dict[str, Change]:
    return {each["key"]: each for each in changes if each["change"] != "added"}


def _altered(legacy: Columns, others: list[Columns], candidate: Columns) -> Iterator[tuple[str, str]]:
    for name in legacy.keys() | candidate.keys():
        if name not in candidate:
            yield name, "no longer altered"
        elif name not in legacy:
            yield name, "altered in addition"
        elif how := _value(legacy[name], [other.get(name, "") for other in others], candidate[name]):
            yield name, how


def _value(legacy: str, others: list[str], candidate: str) -> str:
    """Say how a value differs, "" if it does not or if it differs by itself."""
    kinds = legacy.partition(":")[0], candidate.partition(":")[0]
    if kinds[0] != kinds[1]:
        return f"{kinds[0]} -> {kinds[1]}"
    return "another value" if legacy != candidate and all(legacy == other for other in others) else ""


def _added(
    legacy: list[Change], others: list[list[Change]], candidate: list[Change], table: str, shared: Shared
) -> Iterator[tuple[str, str]]:
    """Compare added rows by their content, without what differs by itself, as generated keys do."""
    one, two = _contents(legacy, table, shared), _contents(candidate, table, shared)
    if len(one) != len(two):
        yield table, "adds fewer rows" if len(two) < len(one) else "adds more rows"
        return
    alone = _by_itself(one, [_contents(other, table, shared) for other in others])
    for old, new in _unpaired(one, two, alone):
        for name in old:
            if how := _value(old[name], [""] if name in alone else [], new[name]):
                yield f"{table}.{name}", how


def _contents(changes: list[Change], table: str, shared: Shared) -> list[Content]:
    """Return the added rows with the columns that both schemas have; where only one has the table, with none."""
    names = shared.get(table, frozenset())
    added = [each["columns"] for each in changes if each["change"] == "added"]
    return [{name: row[name] for name in row if name in names} for row in added]


def _by_itself(rows: list[Content], others: list[list[Content]]) -> set[str]:
    """Return the columns in which the same release, asked again, adds other values."""
    return {
        name
        for other in others
        for row, twin in zip(rows, other, strict=False)
        for name in row
        if row[name] != twin.get(name)
    }


def _unpaired(legacy: list[Content], candidate: list[Content], alone: set[str]) -> Iterator[tuple[Content, Content]]:
    """Yield pairs of rows that are not equal; what is equal is paired first, in whatever order it was written."""
    waiting: dict[str, list[Content]] = defaultdict(list)
    for row in candidate:
        waiting[_plain(row, alone)].append(row)
    left = []
    for row in legacy:
        equal = waiting[_plain(row, alone)]
        if equal:
            equal.pop(0)
        else:
            left.append(row)
    yield from zip(left, [row for rows in waiting.values() for row in rows], strict=True)


def _plain(row: dict[str, str], alone: set[str]) -> str:
    values = {name: value.partition(":")[0] if name in alone else value for name, value in row.items()}
    return repr(sorted(values.items()))
