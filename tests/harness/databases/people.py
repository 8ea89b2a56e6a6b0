"""A table of people, in SQL that every server understands."""

from __future__ import annotations

from contextlib import closing

from harness.databases import Database


def fill(database: Database, *names: str) -> None:
    with closing(database.connect()) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS people (name varchar(50) PRIMARY KEY)")
        for name in names:
            connection.execute(f"INSERT INTO people VALUES ('{name}')")


def names(database: Database) -> list[str]:
    with closing(database.connect()) as connection:
        return [row[0] for row in connection.execute("SELECT name FROM people ORDER BY name").fetchall()]
