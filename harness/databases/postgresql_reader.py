"""Sums the content of a PostgreSQL database up, inside the server."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from harness.databases.postgresql_catalog import read_schema, read_sequences
from harness.databases.reader import BUCKETS, ROWS, Key, Reader, Selection, Sums
from harness.databases.schema import Schema, Table

INTEGERS = ("smallint", "integer", "bigint")

# Text forms depend on these; an empty search path makes catalog definitions name their schemas; jit costs more than it
# saves on one pass over many cheap expressions.
_SETTINGS = {
    "TimeZone": "UTC",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "lc_monetary": "C",
    "xmlbinary": "base64",
    "search_path": "",
    "statement_timeout": "0",
    "jit": "off",
}


class PostgreSQLReader(Reader):
    """Reads through an autocommit connection, which it leaves in one read-only transaction until it is closed."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        settings = ", ".join(["set_config(%s, %s, false)"] * len(_SETTINGS))
        connection.execute(f"SELECT {settings}", [word for setting in _SETTINGS.items() for word in setting])
        if connection.info.parameter_status("server_encoding") == "SQL_ASCII":
            # Its texts may be any bytes; the server converts none, and in this encoding every byte is a letter.
            connection.execute("SET client_encoding = 'LATIN1'")
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def schema(self) -> Schema:
        """Read the catalog."""
        return read_schema(self._connection)

    def sequences(self) -> dict[str, int]:
        """Return the last value of each sequence that was used, by the column that owns it, or its own name."""
        return read_sequences(self._connection)

    def sums(self, selection: Selection) -> Sums:
        """Sum the content up in one sequential pass with constant memory."""
        statement = _statement(["count(*)", *_aggregates(selection)], selection)
        count, *totals = self._connection.execute(statement).fetchone()
        names = [*selection.columns, *([] if selection.key else [ROWS])]
        return Sums(rows=count, columns={name: int(total or 0) for name, total in zip(names, totals, strict=True)})

    def buckets(self, selection: Selection) -> dict[int, tuple[int, ...]]:
        """Sum the content up per bucket of keys (number below BUCKETS): row count, then one sum per column."""
        values = [_bucket(selection), "count(*)", *_aggregates(selection)]
        found = self._connection.execute(_statement(values, selection, "GROUP BY 1"))
        return {bucket: tuple(int(total or 0) for total in totals) for bucket, *totals in found}

    def rows(self, selection: Selection, buckets: Collection[int]) -> Iterator[tuple[Key, tuple[int | None, ...]]]:
        """Yield key and column hashes of the rows in those buckets, in ascending order of the key."""
        table, seed = selection.table, _seed(selection)
        key = _key(selection) or [_whole(selection)]
        values = [_hash(table, column, seed) for column in selection.columns] if selection.key else ["count(*)"]
        order = ", ".join(str(number + 1) for number in range(len(key)))
        wanted = ", ".join(map(str, buckets))
        group = "" if selection.key else "GROUP BY 1"
        rest = f"WHERE {_bucket(selection)} = ANY('{{{wanted}}}') {group} ORDER BY {order}"
        statement = _statement([*key, *values], selection, rest)
        with self._connection.cursor(name="harness_rows") as cursor:
            cursor.itersize = 10_000
            cursor.execute(statement)
            for row in cursor:
                yield tuple(row[: len(key)]), tuple(row[len(key) :])

    def names(self, statement: str) -> list[str]:
        """Run a query of one text column."""
        return [name for (name,) in self._connection.execute(statement)]


def quote(name: str) -> str:
    """Quote an identifier."""
    return '"' + name.replace('"', '""') + '"'


def _statement(values: list[str], selection: Selection, rest: str = "") -> str:
    return f"SELECT {', '.join(values)} FROM {selection.table.quoted} {rest}"  # noqa: S608  # nosec B608  # quoted names, numbers


def _text(table: Table, column: str) -> str:
    """Return the stable text form of a column; 1.50 and 1.5 are the same number."""
    name = quote(column)
    return (
        f'(trim_scale({name})::text COLLATE "C")'
        if table.columns[column] == "numeric"
        else f'({name}::text COLLATE "C")'
    )


def _hash(table: Table, column: str, seed: str) -> str:
    return f"hashtextextended({_text(table, column)}, {seed})"


def _seed(selection: Selection) -> str:
    """Return the hash of the primary key, with which each value is hashed; an integer key is mixed in as it is."""
    if [selection.table.columns[column] for column in selection.key] in [[name] for name in INTEGERS]:
        return f"{quote(selection.key[0])}::bigint"
    seed = "0"
    for column in selection.key:
        seed = _hash(selection.table, column, seed)
    return seed


def _whole(selection: Selection) -> str:
    texts = ", ".join(_text(selection.table, column) for column in selection.whole)
    return f'hashtextextended(ROW({texts})::text COLLATE "C", 0)'


def _aggregates(selection: Selection) -> list[str]:
    seed = _seed(selection)
    sums = [f"sum({_hash(selection.table, column, seed)})" for column in selection.columns]
    return sums if selection.key else [*sums, f"sum({_whole(selection)})"]


def _bucket(selection: Selection) -> str:
    return f"({_seed(selection) if selection.key else _whole(selection)} & {BUCKETS - 1})"


def _key(selection: Selection) -> list[str]:
    """Return the key's columns for sorting: an integer as number, everything else as text in the order of its bytes."""
    if [selection.table.columns[column] for column in selection.key] in [[name] for name in INTEGERS]:
        return [f"{quote(selection.key[0])}::bigint"]
    return [_text(selection.table, column) for column in selection.key]
