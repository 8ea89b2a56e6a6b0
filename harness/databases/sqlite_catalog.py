"""Reads the catalog of an SQLite database."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

from harness.databases.schema import Schema, Table

_TABLES = (
    "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
)
_CODE = """
SELECT type, tbl_name, name, sql FROM sqlite_master WHERE type IN ('trigger', 'view') OR (type = 'index' AND sql > '')
"""
_FOREIGN_KEYS = """
SELECT group_concat("from"), "table", group_concat("to"), on_update, on_delete
FROM pragma_foreign_key_list(?) GROUP BY id
"""
_GENERATED = {2: "GENERATED VIRTUAL", 3: "GENERATED STORED"}


def read_schema(connection: sqlite3.Connection) -> Schema:
    """Read tables and objects."""
    tables: dict[str, Table] = {}
    objects: dict[str, str] = {}
    for name, sql in connection.execute(_TABLES).fetchall():
        tables[name] = _table(connection, name)
        objects |= _objects(connection, name, sql)
    for kind, table, name, sql in connection.execute(_CODE):
        objects[f"{kind} {name}" if kind == "view" else f"{kind} {table}.{name}"] = _plain(sql)
    return Schema(tables=tables, objects=objects)


def _table(connection: sqlite3.Connection, name: str) -> Table:
    columns = connection.execute("SELECT name, type, pk FROM pragma_table_xinfo(?)", (name,)).fetchall()
    references = connection.execute('SELECT DISTINCT "table" FROM pragma_foreign_key_list(?)', (name,))
    key = sorted((position, column) for column, _, position in columns if position)
    return Table(
        name=name,
        quoted='"' + name.replace('"', '""') + '"',
        columns={column: kind.lower() for column, kind, _ in columns},
        key=tuple(column for _, column in key),
        references=frozenset(target for (target,) in references),
    )


def _objects(connection: sqlite3.Connection, table: str, sql: str) -> dict[str, str]:
    found = {f"table {table}": "AUTOINCREMENT" if "AUTOINCREMENT" in sql.upper() else ""}
    columns = 'SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(?)'
    for name, kind, required, default, key, hidden in connection.execute(columns, (table,)):
        parts = [kind.lower(), required and "NOT NULL", default is not None and f"DEFAULT {default}"]
        parts += [key and f"PRIMARY KEY {key}", _GENERATED.get(hidden)]
        found[f"column {table}.{name}"] = " ".join(part for part in parts if part)
    for columns_of in _unique(connection, table):
        found[f"constraint {table}.unique({columns_of})"] = f"UNIQUE ({columns_of})"
    for source, target, to, on_update, on_delete in connection.execute(_FOREIGN_KEYS, (table,)):
        definition = f"REFERENCES {target} ({to}) ON UPDATE {on_update} ON DELETE {on_delete}"
        found[f"constraint {table}.foreign key({source})"] = definition
    for number, check in enumerate(sorted(_checks(sql)), 1):
        found[f"constraint {table}.check {number}"] = check
    return found


def _unique(connection: sqlite3.Connection, table: str) -> Iterator[str]:
    """Yield the columns of each UNIQUE of the table's definition; its index has a mere number as name."""
    for (index,) in connection.execute("SELECT name FROM pragma_index_list(?) WHERE origin = 'u'", (table,)).fetchall():
        yield ", ".join(name for (name,) in connection.execute("SELECT name FROM pragma_index_info(?)", (index,)))


def _checks(sql: str) -> Iterator[str]:
    """Yield the CHECK clauses of a table's definition, each up to the parenthesis that closes it."""
    for start in re.finditer(r"\bCHECK\s*\(", sql, re.IGNORECASE):
        depth, end = 1, start.end()
        while depth and end < len(sql):
            depth += {"(": 1, ")": -1}.get(sql[end], 0)
            end += 1
        yield _plain(sql[start.end() : end - 1])


def _plain(sql: str) -> str:
    """Drop line breaks and repeated spaces, in which a rebuilt table may differ."""
    return " ".join(sql.split())
