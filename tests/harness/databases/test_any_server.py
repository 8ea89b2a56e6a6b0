"""What every server can do, on each of them."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import pytest

from harness.databases import Database, Server
from harness.errors import DatabaseError
from tests.harness.databases.people import fill, names


def test_a_copy_is_independent_of_its_original(any_server: Server) -> None:
    original = any_server.create("original")
    fill(original, "Ada")
    copy = any_server.copy(original, "copy")
    fill(copy, "Grace")
    fill(original, "Edsger")
    assert names(copy) == ["Ada", "Grace"]
    assert names(original) == ["Ada", "Edsger"]


def test_a_database_is_copied_while_an_idle_session_is_open_on_it(any_server: Server) -> None:
    original = any_server.create("original")
    fill(original, "Ada")
    with closing(original.connect()) as idle:
        idle.execute("SELECT 1").fetchall()
        assert names(any_server.copy(original, "copy")) == ["Ada"]


def test_a_backup_restores_what_was_there_and_nothing_else(any_server: Server, tmp_path: Path) -> None:
    database = any_server.create("original")
    fill(database, "Ada", "Grace")
    any_server.backup(database, tmp_path / "backups" / "people")
    fill(database, "Mallory")
    any_server.restore(tmp_path / "backups" / "people", database)
    assert names(database) == ["Ada", "Grace"]


def test_a_file_of_sql_statements_is_restored(any_server: Server, tmp_path: Path) -> None:
    dump = tmp_path / "people.sql"
    dump.write_text("CREATE TABLE people (name varchar(50));\nINSERT INTO people VALUES ('Ada');\n")
    database = any_server.create("dump")
    any_server.restore(dump, database)
    assert names(database) == ["Ada"]


@pytest.mark.parametrize("content", [None, "these are no SQL statements;"])
def test_a_dump_that_cannot_be_read_is_named(any_server: Server, tmp_path: Path, content: str | None) -> None:
    dump = tmp_path / "people.sql"
    if content:
        dump.write_text(content)
    with pytest.raises(DatabaseError, match=r"people\.sql"):
        any_server.restore(dump, any_server.create("dump"))


def test_a_name_tells_the_process_and_the_purpose(any_server: Server) -> None:
    first, second = any_server.create("Way back: 1"), any_server.create("Way back: 1")
    assert f"harness_{os.getpid()}_" in first.name
    assert "way_back_1" in first.name
    assert first.name != second.name


def test_a_dropped_database_is_gone_and_may_be_dropped_again(any_server: Server) -> None:
    database = any_server.create("short")
    fill(database, "Ada")
    with closing(database.connect()):
        any_server.drop(database)
    any_server.drop(database)
    with pytest.raises(Exception, match=r"no such table|does not exist"):
        names(database)


def test_what_the_harness_did_not_create_is_not_touched(any_server: Server, tmp_path: Path) -> None:
    theirs = Database(engine=any_server.engine, name=str(tmp_path / "production"))
    (tmp_path / "production").touch()
    (tmp_path / "dump.sql").write_text("SELECT 1;")
    with pytest.raises(DatabaseError, match="did not create"):
        any_server.drop(theirs)
    with pytest.raises(DatabaseError, match="did not create"):
        any_server.restore(tmp_path / "dump.sql", theirs)
    assert (tmp_path / "production").exists()


def test_analyze_collects_statistics(any_server: Server) -> None:
    database = any_server.create("statistics")
    fill(database, "Ada", "Grace", "Edsger")
    any_server.analyze(database)
    ask = "SELECT reltuples::int FROM pg_class WHERE relname = 'people'"
    if any_server.engine == "sqlite":
        ask = "SELECT CAST(stat AS int) FROM sqlite_stat1 WHERE tbl = 'people'"
    with closing(database.connect()) as connection:
        assert connection.execute(ask).fetchone() == (3,)
