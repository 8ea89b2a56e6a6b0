"""Finds the rows in which two databases differ: buckets of keys are summed, and only those that differ are read."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Literal

import msgspec

from harness.databases.fingerprint import Fingerprint, open_reader
from harness.databases.reader import Key, Reader, Selection, Sums
from harness.databases.schema import Table

# A key of another type may itself be a secret (the key of a token or of a session).
_SHOWN = ("int", "bigint", "smallint", "mediumint", "tinyint", "serial", "uuid", "date", "timestamp", "bool", "numeric")
_PLAIN = re.compile(r"[-+0-9a-f:. T]{1,40}|true|false|t", re.IGNORECASE)

Row = tuple[Key, tuple[int | None, ...]]


class RowChange(msgspec.Struct, frozen=True, kw_only=True):
    """One row that differs: it is in the first database only ("missing"), the second only ("added"), or "altered".

    `columns` are those whose content differs. Without a primary key, `key` is a hash of the row, and a row that was
    altered is both missing and added.
    """

    key: Key
    change: Literal["missing", "added", "altered"]
    columns: tuple[str, ...] = ()


def find_row_changes(
    first: Fingerprint, second: Fingerprint, name: str, *, renamed: Mapping[str, str] | None = None
) -> Iterator[RowChange]:
    """Yield the rows of the table `name` that differ in the columns that both databases have, in order of the key.

    `renamed` maps names of the first database, "table" or "table.column", to those of the second.
    """
    pair = _pair(first, second, name, renamed or {})
    if not pair[0].columns:
        yield from _of_nothing(first.schema.tables[name], first.sums[name].rows, second.sums[pair[1].table.name].rows)
        return
    with open_reader(first.database) as one, open_reader(second.database) as two:
        buckets = _differing_buckets(one, two, pair)
        if buckets:
            yield from _merge(one.rows(pair[0], buckets), two.rows(pair[1], buckets), pair[0])


def show_key(table: Table, key: Key) -> str:
    """Return a key as it may be reported: numbers, dates and UUIDs as they are, all else as the start of its MD5."""
    if not table.key or len(table.key) != len(key):
        return ""
    shown = [_show(table.columns[column], value) for column, value in zip(table.key, key, strict=True)]
    return shown[0] if len(shown) == 1 else f"({', '.join(shown)})"


def _show(kind: str, value: object) -> str:
    # SQLite keeps any text in a column of numbers or dates too.
    if kind.startswith(_SHOWN) and _PLAIN.fullmatch(str(value)):
        return str(value)
    return "md5:" + hashlib.md5(str(value).encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest()[:12]


def has_same_key(first: Table, second: Table, names: Mapping[str, str] | None = None) -> bool:
    """Tell whether the first table's primary key tells the rows of both apart (an integer may become a wider one)."""
    key = {column: (names or {}).get(column, column) for column in first.key}
    if not key or not set(key.values()) <= set(second.columns):
        return False
    return all(("int" in first.columns[old]) == ("int" in second.columns[new]) for old, new in key.items())


def _pair(
    first: Fingerprint, second: Fingerprint, name: str, renamed: Mapping[str, str]
) -> tuple[Selection, Selection]:
    """Select what both tables have and what may differ, so that their hashes can be compared."""
    other = renamed.get(name, name)
    old, new = first.schema.tables[name], second.schema.tables[other]
    moved = {column: renamed.get(f"{name}.{column}", column).rpartition(".")[2] for column in old.columns}
    names = {column: now for column, now in moved.items() if now in new.columns}
    key = old.key if has_same_key(old, new, names) else ()
    suspects = _suspects(first.sums[name], second.sums[other], names, bool(key))
    one = Selection(table=old, key=key, columns=suspects, whole=tuple(names))
    two = Selection(
        table=new,
        key=tuple(names[column] for column in key),
        columns=tuple(names[column] for column in suspects),
        whole=tuple(names.values()),
    )
    return one, two


def _suspects(one: Sums, two: Sums, names: Mapping[str, str], has_key: bool) -> tuple[str, ...]:
    """Return the columns whose sums differ; without a key, all or none."""
    if not has_key:
        return () if one == two else tuple(names)
    return tuple(old for old, new in names.items() if one.columns[old] != two.columns[new])


def _differing_buckets(one: Reader, two: Reader, pair: tuple[Selection, Selection]) -> list[int]:
    first, second = one.buckets(pair[0]), two.buckets(pair[1])
    return sorted(bucket for bucket in first.keys() | second.keys() if first.get(bucket) != second.get(bucket))


def _merge(first: Iterator[Row], second: Iterator[Row], selection: Selection) -> Iterator[RowChange]:
    """Walk through two streams at once, both in order of the key."""
    one, two = next(first, None), next(second, None)
    while one and two:
        if one[0] == two[0]:
            yield from _altered(one, two, selection)
            one, two = next(first, None), next(second, None)
        elif _precedes(one[0], two[0]):
            yield from _only(one, "missing", selection)
            one = next(first, None)
        else:
            yield from _only(two, "added", selection)
            two = next(second, None)
    for row in chain([one] if one else [], first):
        yield from _only(row, "missing", selection)
    for row in chain([two] if two else [], second):
        yield from _only(row, "added", selection)


def _of_nothing(table: Table, rows: int, now: int) -> Iterator[RowChange]:
    """Count the rows of a table that has no columns, so that nothing but their number can differ."""
    if not table.columns:
        for _ in range(abs(rows - now)):
            yield RowChange(key=(0,), change="missing" if rows > now else "added")


def _precedes(one: Key, two: Key) -> bool:
    return one < two  # type: ignore[operator]  # both are of one type: the key is the same


def _only(row: Row, change: Literal["missing", "added"], selection: Selection) -> Iterator[RowChange]:
    key, values = row
    for _ in range(1 if selection.key else values[0] or 0):
        yield RowChange(key=key, change=change)


def _altered(one: Row, two: Row, selection: Selection) -> Iterator[RowChange]:
    if one[1] == two[1]:
        return
    if selection.key:
        pairs = zip(selection.columns, one[1], two[1], strict=True)
        yield RowChange(key=one[0], change="altered", columns=tuple(name for name, old, new in pairs if old != new))
        return
    more = (two[1][0] or 0) - (one[1][0] or 0)
    for _ in range(abs(more)):
        yield RowChange(key=one[0], change="added" if more > 0 else "missing")
