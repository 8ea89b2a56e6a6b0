"""A copy is as good as its original for what is measured on it."""

from __future__ import annotations

from contextlib import closing

from harness.databases import Database, Server

HERE = "SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn"


def test_the_same_change_logs_as_much_on_a_copy_as_on_the_original(server: Server) -> None:
    original = server.create("logged")
    with closing(original.connect()) as session:
        session.execute("CREATE TABLE t AS SELECT i, repeat('x', 80) AS a FROM generate_series(1, 20000) AS i")
    copy = server.copy(original, "copy")

    there, here = logged(copy), logged(original)

    assert 0.9 < there / here < 1.1


def logged(database: Database) -> int:
    """Change a row here and there, and return how many bytes that wrote to the write-ahead log."""
    with closing(database.connect()) as session:
        before = session.execute(HERE).fetchone()[0]
        session.execute("UPDATE t SET a = repeat('y', 80) WHERE i % 100 = 0")
        return int(session.execute(HERE).fetchone()[0] - before)
