"""SQLite's own ways."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from harness.databases import provision
from tests.harness.databases.people import fill, names


def test_closing_deletes_the_folder() -> None:
    with provision("sqlite") as server:
        database = server.create("short")
        fill(database, "Ada")
        assert Path(database.name).exists()
    assert not Path(database.name).parent.exists()


def test_a_copy_has_what_is_still_in_the_write_ahead_log() -> None:
    with provision("sqlite") as server:
        database = server.create("journal")
        writer = sqlite3.connect(database.name, isolation_level=None)
        writer.execute("PRAGMA journal_mode = wal")
        writer.execute("CREATE TABLE people (name text)")
        writer.execute("INSERT INTO people VALUES ('Ada')")
        assert names(server.copy(database, "copy")) == ["Ada"]
        writer.close()


def test_the_title_says_which_sqlite() -> None:
    with provision("sqlite") as server:
        assert server.title == f"SQLite {sqlite3.sqlite_version} (temporary folder)"
