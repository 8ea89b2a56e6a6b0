"""Remembers rows by hashes of their columns and tells what became of them; the values themselves are not kept."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

_NUMBER = re.compile(r"-?\d+\.\d+")
_POSTGRES = """
    SELECT c.oid, c.oid::regclass::text, a.attnum, a.attname,
           EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY (i.indkey))
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND c.relname = ANY (%s)
      AND pg_table_is_visible(c.oid)
    ORDER BY c.oid, a.attnum
"""
_NULL = ""


@dataclass
class Table:
    """A table with its rows by primary key (all columns where it has none): hashes by column id, "" for NULL.

    The ids outlive a renaming on PostgreSQL; elsewhere they are the names.
    """

    id: str
    name: str
    columns: dict[str, str] = field(default_factory=dict)
    key: list[str] = field(default_factory=list)
    rows: dict[tuple[str, ...], dict[str, str]] = field(default_factory=dict)


def read(names: set[str]) -> dict[str, Table]:
    """Read the tables of these names, by id; those that do not exist are left out."""
    tables = _postgres(names) if connection.vendor == "postgresql" else _others(names)
    for table in tables.values():
        _read_rows(table)
    return tables


def _postgres(names: set[str]) -> dict[str, Table]:
    tables: dict[str, Table] = {}
    with connection.cursor() as cursor:
        cursor.execute(_POSTGRES, (sorted(names),))
        for oid, name, number, column, is_key in cursor.fetchall():
            table = tables.setdefault(str(oid), Table(str(oid), name))
            table.columns[str(number)] = column
            table.key += [str(number)] if is_key else []
    return tables


def _others(names: set[str]) -> dict[str, Table]:
    tables = {}
    with connection.cursor() as cursor:
        for name in sorted(names & set(connection.introspection.table_names(cursor))):
            columns = [each.name for each in connection.introspection.get_table_description(cursor, name)]
            key = connection.introspection.get_primary_key_columns(cursor, name) or []
            tables[name] = Table(name, name, {column: column for column in columns}, list(key))
    return tables


def _read_rows(table: Table) -> None:
    quoted = [_as_text(connection.ops.quote_name(column)) for column in table.columns.values()]
    source = table.name if connection.vendor == "postgresql" else connection.ops.quote_name(table.name)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(quoted)} FROM {source}")  # noqa: S608  # nosec B608  # names of the catalog
        for values in cursor.fetchall():
            row = dict(zip(table.columns, map(_hash, values), strict=True))
            table.rows[tuple(row[each] for each in table.key or row)] = row


def _as_text(column: str) -> str:
    return f"{column}::text" if connection.vendor == "postgresql" else column


def _hash(value: Any) -> str:
    if value is None:
        return _NULL
    text = value if isinstance(value, str) else repr(value)
    if _NUMBER.fullmatch(text):
        text = text.rstrip("0").rstrip(".")
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=9).hexdigest()


def changes(before: dict[str, Table], after: dict[str, Table]) -> list[dict[str, Any]]:
    """Return what of the rows before is lost or altered after: {"table", "column", "what", "rows"}, by names."""
    named = {table.name: table for table in after.values()}
    found: list[dict[str, Any]] = []
    for table in before.values():
        now = named.get(table.name)
        if now is None:
            found += _change(table.name, "", "lost", len(table.rows))
        else:
            found += _in_table(table, now)
    return found


def _in_table(table: Table, now: Table) -> list[dict[str, Any]]:
    ids = {name: each for each, name in now.columns.items()}
    found = _change(table.name, "", "lost", len(set(table.rows) - set(now.rows)))
    for each, name in table.columns.items():
        pairs = [(row[each], now.rows[key].get(ids.get(name, ""), _NULL)) for key, row in _common(table, now)]
        changed = [(old, new) for old, new in pairs if old != new]
        lost = sum(new == _NULL for _, new in changed)
        found += _change(table.name, name, "lost" if lost == len(changed) else "altered", len(changed))
    return found


def _common(table: Table, now: Table) -> list[tuple[tuple[str, ...], dict[str, str]]]:
    return [(key, row) for key, row in table.rows.items() if key in now.rows]


def late_changes(
    old: dict[str, Table], late: dict[str, Table], after: dict[str, Table], keys: dict[str, set[tuple[str, ...]]]
) -> list[dict[str, Any]]:
    """Return which late rows are lost or altered after going back, in tables and columns that are older than they are.

    `old` is the schema before, `late` the rows as they were written, `after` what is there after going back, `keys` the
    keys of the late rows by table id.
    """
    named = {table.name: table for table in after.values()}
    found: list[dict[str, Any]] = []
    for each, wanted in keys.items():
        if each not in old:
            continue
        now = after.get(each) or named.get(old[each].name)
        rows = {key: row for key, row in late[each].rows.items() if key in wanted}
        if now is None:
            found += _change(old[each].name, "", "lost", len(rows))
        else:
            found += _late_in_table(old[each], rows, now)
    return found


def _late_in_table(old: Table, rows: dict[tuple[str, ...], dict[str, str]], now: Table) -> list[dict[str, Any]]:
    ids = {name: each for each, name in now.columns.items()}
    found = _change(old.name, "", "lost", len(set(rows) - set(now.rows)))
    for each, name in old.columns.items():
        place = each if each in now.columns else ids.get(name, "")
        kept = [
            (row[each], now.rows[key].get(place, _NULL)) for key, row in rows.items() if each in row and key in now.rows
        ]
        found += _change(old.name, name, "altered", sum(written != found for written, found in kept))
    return found


def _change(table: str, column: str, what: str, rows: int) -> list[dict[str, Any]]:
    return [{"table": table, "column": column, "what": what, "rows": rows}] if rows else []
