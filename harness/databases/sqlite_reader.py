"""Sums the content of an SQLite database up, row by row in this process."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from hashlib import blake2b

from harness.databases.reader import BUCKETS, ROWS, Key, Reader, Selection, Sums
from harness.databases.schema import Schema
from harness.databases.sqlite_catalog import read_schema

Value = int | float | str | bytes | None


class SQLiteReader(Reader):
    """Reads through an autocommit connection, which it leaves in one transaction until it is closed."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
        connection.execute("BEGIN")

    def schema(self) -> Schema:
        """Read the catalog."""
        return read_schema(self._connection)

    def sequences(self) -> dict[str, int]:
        """Return nothing: every rebuild of a table sets its sequence anew, and a new key is always above all others."""
        return {}

    def sums(self, selection: Selection) -> Sums:
        """Sum the content up in one sequential pass with constant memory."""
        names = [*selection.columns, *([] if selection.key else [ROWS])]
        count, *totals = [0] * (1 + len(names))
        for _, hashes in self._hashes(selection, ""):
            count += 1
            totals = [total + (value or 0) for total, value in zip(totals, hashes, strict=True)]
        return Sums(rows=count, columns=dict(zip(names, totals, strict=True)))

    def buckets(self, selection: Selection) -> dict[int, tuple[int, ...]]:
        """Sum the content up per bucket of keys (number below BUCKETS): row count, then one sum per column."""
        found: dict[int, list[int]] = defaultdict(list)
        for key, hashes in self._hashes(selection, ""):
            values = [1, *(value or 0 for value in hashes)]
            totals = found[_bucket(key)]
            totals[:] = [old + new for old, new in zip(totals, values, strict=True)] if totals else values
        return {bucket: tuple(totals) for bucket, totals in found.items()}

    def rows(self, selection: Selection, buckets: Collection[int]) -> Iterator[tuple[Key, tuple[int | None, ...]]]:
        """Yield key and column hashes of the rows in those buckets, in ascending order of the key."""
        wanted = frozenset(buckets)
        if selection.key:
            numbers = range(1, len(selection.key) + 1)
            order = f" ORDER BY {', '.join(f'{number} COLLATE BINARY' for number in numbers)}"
            yield from (row for row in self._hashes(selection, order) if _bucket(row[0]) in wanted)
            return
        whole = Counter(key for key, _ in self._hashes(selection, "") if _bucket(key) in wanted)
        yield from ((key, (whole[key],)) for key in sorted(whole))

    def names(self, statement: str) -> list[str]:
        """Run a query of one text column."""
        return [name for (name,) in self._connection.execute(statement)]

    def _hashes(self, selection: Selection, order: str) -> Iterator[tuple[Key, tuple[int | None, ...]]]:
        """Yield key and column hashes of all rows; without a key, the whole row's hash is key and last value."""
        keys = selection.key or selection.whole
        integer = len(selection.key) == 1 and "int" in selection.table.columns[keys[0]]
        columns = [quote(column) if integer or not selection.key else _key_text(quote(column)) for column in keys]
        columns += [quote(column) for column in selection.columns]
        statement = f"SELECT {', '.join(columns)} FROM {selection.table.quoted}{order}"  # noqa: S608  # nosec B608  # quoted names
        for row in self._connection.execute(statement):
            seed = b"\0".join(_form(value) for value in row[: len(keys)])
            if selection.key:
                yield row[: len(keys)], tuple(_hash(value, seed) for value in row[len(keys) :])
            else:
                whole = _digest(seed)
                yield (whole,), (*(_hash(value, b"") for value in row[len(keys) :]), whole)


def quote(name: str) -> str:
    """Quote an identifier."""
    return '"' + name.replace('"', '""') + '"'


def _key_text(name: str) -> str:
    """Return a part of a key as text; a blob and a text of the same bytes are different keys."""
    return f"CASE typeof({name}) WHEN 'blob' THEN 'blob ' || hex({name}) ELSE CAST({name} AS TEXT) END"


def _bucket(key: Key) -> int:
    return _digest(repr(key).encode("utf-8", "surrogateescape")) % BUCKETS


def _form(value: Value) -> bytes:
    """Return a form in which values of different types and lengths stay apart; 5.0 and 5 are the same number."""
    if value is None:
        return b"n"
    if isinstance(value, bytes):
        return b"b%d:%b" % (len(value), value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).encode("utf-8", "surrogateescape")
    return (b"s%d:%b" if isinstance(value, str) else b"#%d:%b") % (len(text), text)


def _hash(value: Value, seed: bytes) -> int | None:
    return None if value is None else _digest(seed + b"\0" + _form(value))


def _digest(form: bytes) -> int:
    return int.from_bytes(blake2b(form, digest_size=8).digest())
