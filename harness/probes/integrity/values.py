"""The values that differ, for the person at the terminal who asked for them: they go nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

from harness.databases.comparison import Comparison, Difference
from harness.databases.database import Database
from harness.databases.fingerprint import Fingerprint
from harness.databases.postgresql_reader import quote

NOT_SHOWN = "md5:"


def values(before: Fingerprint, after: Fingerprint, comparison: Comparison) -> Iterator[str]:
    """Yield a line for each of the first rows whose value differs: table, column, key, both values.

    Only where one column is the key and its values may be shown; the others are told by their number in the findings.
    """
    for each in comparison.differences:
        table = before.schema.tables.get(each.table)
        if each.change != "altered" or table is None or len(table.key) != 1:
            continue
        [key] = table.key
        here = (
            after.schema.tables[comparison.renamed.get(each.table, each.table)].quoted,
            *_moved(each, key, comparison),
        )
        for shown in each.keys:
            if not shown.startswith(NOT_SHOWN):
                old = _value(before.database, table.quoted, key, each.column, shown)
                yield f"{each.about}, {key} {shown}: {old!r} -> {_value(after.database, *here, shown)!r}"


def _moved(difference: Difference, key: str, comparison: Comparison) -> tuple[str, str]:
    """Return the names that key and column have now."""
    names = (comparison.renamed.get(f"{difference.table}.{name}", name) for name in (key, difference.column))
    return tuple(name.rpartition(".")[2] for name in names)  # type: ignore[return-value]


def _value(database: Database, table: str, key: str, column: str, shown: str) -> Any:
    mark = "?" if database.engine == "sqlite" else "%s"
    statement = f"SELECT {quote(column)} FROM {table} WHERE CAST({quote(key)} AS TEXT) = {mark}"  # noqa: S608  # nosec B608  # quoted names
    with closing(database.connect()) as connection:
        row = connection.execute(statement, (shown,)).fetchone()
    return row[0] if row else None
