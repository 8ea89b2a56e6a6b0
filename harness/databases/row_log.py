"""Triggers on a disposable copy that note which rows a transaction changes, so that they can be read before it ends."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from harness.databases.database import Database
from harness.databases.fingerprint import open_reader
from harness.databases.postgresql_reader import quote
from harness.databases.schema import Schema, Table

TABLE = "harness_row_log"
"""Columns: `number` in order of time, `relation`, and the row `before` and `after` as JSON (both NULL: emptied)."""

# Two releases may differ in their sessions' time zone; the text of a time must not.
_FUNCTION = """
CREATE FUNCTION public.harness_row_log() RETURNS trigger LANGUAGE plpgsql
SET TimeZone = 'UTC' SET DateStyle = 'ISO, YMD' SET IntervalStyle = 'postgres' AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO public.harness_row_log (relation, after) VALUES (TG_ARGV[0], to_jsonb(NEW));
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO public.harness_row_log (relation, before, after) VALUES (TG_ARGV[0], to_jsonb(OLD), to_jsonb(NEW));
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO public.harness_row_log (relation, before) VALUES (TG_ARGV[0], to_jsonb(OLD));
    ELSE
        INSERT INTO public.harness_row_log (relation) VALUES (TG_ARGV[0]);
    END IF;
    RETURN NULL;
END $$
"""
_ADVANCE = """
SELECT setval(format('%%I.%%I', schemaname, sequencename)::regclass,
              least(max_value, coalesce(last_value, start_value) + %s))
FROM pg_sequences WHERE schemaname !~ '^pg_' AND increment_by > 0
"""
_NEVER_USED = """
INSERT INTO sqlite_sequence (name, seq)
SELECT name, 0 FROM sqlite_master
WHERE type = 'table' AND upper(sql) LIKE '%AUTOINCREMENT%' AND name NOT IN (SELECT name FROM sqlite_sequence)
"""
_MOST_ARGUMENTS = 50


def install_row_log(database: Database) -> Schema:
    """Let triggers note every row that changes from now on; return the schema without the log itself.

    Only for a disposable copy: nothing takes the triggers away again.
    """
    with open_reader(database) as reader:
        schema = reader.schema()
    with closing(database.connect()) as connection:
        statements = _statements(schema, is_sqlite=isinstance(connection, sqlite3.Connection))
        for statement in ("BEGIN", *statements, "COMMIT"):
            connection.execute(statement)
    return schema


def advance_sequences(database: Database, by: int) -> None:
    """Let every sequence skip `by` values: rows that are added get other generated keys than on an equal copy."""
    with closing(database.connect()) as connection:
        if isinstance(connection, sqlite3.Connection):
            _advance_sqlite(connection, by)
        else:
            connection.execute(_ADVANCE, [by])


def _advance_sqlite(connection: sqlite3.Connection, by: int) -> None:
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'").fetchone():
        connection.execute(_NEVER_USED)
        connection.execute("UPDATE sqlite_sequence SET seq = seq + ?", [by])


def _statements(schema: Schema, *, is_sqlite: bool) -> Iterator[str]:
    if is_sqlite:
        yield f"CREATE TABLE {TABLE} (number INTEGER PRIMARY KEY, relation TEXT, before TEXT, after TEXT)"
        for number, table in enumerate(schema.tables.values()):
            yield from _sqlite(table, number)
    else:
        columns = "number bigserial, relation text, before jsonb, after jsonb"
        yield f"CREATE UNLOGGED TABLE public.{TABLE} ({columns})"
        yield _FUNCTION
        for table in schema.tables.values():
            yield from _postgresql(table)


def _postgresql(table: Table) -> Iterator[str]:
    relation, name = table.quoted.removeprefix("ONLY "), _text(table.name)
    for event, level in (("INSERT OR UPDATE OR DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
        trigger = f"harness_{level.lower()}"
        yield (
            f"CREATE TRIGGER {trigger} AFTER {event} ON {relation} FOR EACH {level} "
            f"EXECUTE FUNCTION public.{TABLE}({name})"
        )


def _sqlite(table: Table, number: int) -> Iterator[str]:
    old, new = _row(table, "OLD"), _row(table, "NEW")
    for event, before, after in (("INSERT", "NULL", new), ("UPDATE", old, new), ("DELETE", old, "NULL")):
        note = f"INSERT INTO {TABLE} (relation, before, after) SELECT {_text(table.name)}, {before}, {after}"  # nosec B608  # quoted names
        yield f"CREATE TRIGGER harness_{event.lower()}_{number} AFTER {event} ON {table.quoted} BEGIN {note}; END"


def _row(table: Table, name: str) -> str:
    """Return a row as JSON, each value as SQLite would write it in SQL; a function takes only so many arguments."""
    columns = list(table.columns)
    parts = [columns[start : start + _MOST_ARGUMENTS] for start in range(0, len(columns), _MOST_ARGUMENTS)]
    texts = [
        "json_object(" + ", ".join(f"{_text(each)}, quote({name}.{quote(each)})" for each in part) + ")"
        for part in parts
    ]
    whole = texts[0]
    for text in texts[1:]:
        whole = f"json_patch({whole}, {text})"
    return whole


def _text(value: Any) -> str:
    return "'" + str(value).replace("'", "''") + "'"
