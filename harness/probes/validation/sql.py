"""Runs the SQL of a validation, which can only read, and keeps nothing of what it finds but numbers and a hash."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import msgspec
import psycopg

from harness.databases import Database
from harness.errors import ProbeError

_AT_ONCE = 10_000
_ABOUT_NAMES = "42"  # SQLSTATE's class of messages that quote the statement, never a row


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows a query found, and one hash of them in their order."""

    rows: int
    sha256: str


def ask(database: Database, sql: str) -> Answer:
    """Run one query with constant memory; raises ProbeError, without content, when the database refuses it."""
    digest, rows = hashlib.sha256(), 0
    with closing(database.connect()) as connection, _worded():
        for row in _rows(connection, sql):
            digest.update(repr(row).encode() + b"\n")
            rows += 1
    return Answer(rows=rows, sha256=digest.hexdigest())


def _rows(connection: Any, sql: str) -> Iterator[tuple[Any, ...]]:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA query_only = 1")
        yield from connection.execute(sql)
        return
    connection.execute("SET default_transaction_read_only = on")
    with connection.transaction(), connection.cursor(name="harness_validation") as cursor:
        cursor.itersize = _AT_ONCE
        yield from cursor.execute(sql.rstrip().rstrip(";"))


@contextmanager
def _worded() -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        said = f": {error.diag.message_primary}" if (error.sqlstate or "").startswith(_ABOUT_NAMES) else ""
        raise ProbeError(f"the database refuses its query ({type(error).__name__}{said})") from None
    except sqlite3.OperationalError as error:
        raise ProbeError(f"the database refuses its query ({error})") from None
    except sqlite3.Error as error:
        raise ProbeError(f"the database refuses its query ({type(error).__name__})") from None
