"""What it means that a migration fails on rows that the rehearsal made up."""

from __future__ import annotations

import re

from harness.probes.migrations.facts import Failure

_WITH_DEFAULT = (
    "Add the column with null=True or a db_default, fill it in batches, and tighten it in a later migration."
)
SOME_ROWS = (
    "Look for such rows in production first; if there can be any, mend them in a data migration before this one."
)
_MODELS_OF_NOW = (
    "Use the models of then (apps.get_model), not imported ones: those know columns and tables that come later."
)
_OTHER_SCHEMA = "42"
_NOT_NULL, _UNIQUE, _FOREIGN_KEY = "23502", "23505", "23503"
_ALTERED = r'ALTER TABLE (?P<table>"[^"]+")'
_REFERENCE = re.compile(
    _ALTERED + r'.* FOREIGN KEY \((?P<column>"[^"]+")\) REFERENCES (?P<parent>"[^"]+") \((?P<key>"[^"]+")\)'
)
_SET = re.compile(_ALTERED + r' ALTER COLUMN (?P<column>"[^"]+") SET NOT NULL')
_UNIQUE_OF = re.compile(_ALTERED + r".* UNIQUE \((?P<columns>[^)]+)\)")
_UNIQUE_INDEX = re.compile(r'CREATE UNIQUE INDEX .* ON (?P<table>"?[\w.]+"?) \((?P<columns>[^)]+)\)')


def rows_needed(failure: Failure) -> str:
    """Return how many rows of whatever content make it fail ("a row", "two rows"), "" where the content matters."""
    if failure.sqlstate.startswith(_OTHER_SCHEMA):
        return "a row"
    if " ADD COLUMN " not in failure.statement:
        return ""
    return {_NOT_NULL: "a row", _UNIQUE: "two rows"}.get(failure.sqlstate, "")


def remedy(failure: Failure) -> str:
    """Return what to write instead."""
    if failure.sqlstate.startswith(_OTHER_SCHEMA):
        return _MODELS_OF_NOW
    return _WITH_DEFAULT if rows_needed(failure) else SOME_ROWS


def query(failure: Failure) -> str:
    """Return the SQL that counts the rows on which it fails, "" where the statement does not say it."""
    # Names out of statements that ran; it is printed, not run.
    found = _REFERENCE.search(failure.statement) if failure.sqlstate == _FOREIGN_KEY else None
    if found:
        child, column, parent = found["table"], found["column"], found["parent"]
        there = f"SELECT FROM {parent} WHERE {parent}.{found['key']} = {child}.{column}"  # nosec B608
        return _count(child, f"{column} IS NOT NULL AND NOT EXISTS ({there})")
    found = _SET.search(failure.statement) if failure.sqlstate == _NOT_NULL else None
    if found:
        return _count(found["table"], f"{found['column']} IS NULL")
    found = _UNIQUE_OF.search(failure.statement) or _UNIQUE_INDEX.search(failure.statement)
    if found and failure.sqlstate == _UNIQUE:
        columns = found["columns"]
        return f"SELECT {columns}, {_count(found['table'])[7:-1]} GROUP BY {columns} HAVING count(*) > 1;"
    return ""


def _count(table: str, condition: str = "") -> str:
    where = f" WHERE {condition}" if condition else ""
    return f"SELECT count(*) FROM {table}{where};"  # noqa: S608  # nosec B608
