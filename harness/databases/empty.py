"""Empties a copy: its schema and Django's books stay, all other rows go."""

from __future__ import annotations

from contextlib import closing

from harness.databases.comparison import BOOKKEEPING
from harness.databases.database import Database
from harness.databases.fingerprint import open_reader


def empty(database: Database) -> None:
    """Remove the rows of all tables but those in which Django keeps its own books; only for a PostgreSQL copy."""
    with open_reader(database) as reader:
        tables = [table.quoted for name, table in reader.schema().tables.items() if name not in BOOKKEEPING]
    if tables:
        with closing(database.connect()) as connection:
            connection.execute(f"TRUNCATE {', '.join(tables)}")
