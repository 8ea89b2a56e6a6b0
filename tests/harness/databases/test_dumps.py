"""Dumps as users bring them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from harness.databases import Database, Server, binaries
from harness.errors import DatabaseError
from tests.harness.databases.people import fill, names


def dump(database: Database, path: Path, *options: str) -> Path:
    """Dump with the embedded pg_dump, as a user would."""
    command = [binaries.embedded().program("pg_dump"), "-h", database.host, "-U", database.user, "-f", str(path)]
    subprocess.run([*command, *options, database.name], check=True)
    return path


@pytest.fixture
def people(server: Server) -> Database:
    database = server.create("people")
    fill(database, "Ada", "Grace")
    return database


@pytest.mark.parametrize("options", [["-Fc"], ["-Fd"], ["-Ft"], ["-Fp"], ["-Fp", "--inserts"]], ids=" ".join)
def test_every_format_of_pg_dump_is_restored(
    server: Server, people: Database, tmp_path: Path, options: list[str]
) -> None:
    path = dump(people, tmp_path / "dump", *options)
    restored = server.create("restored")
    server.restore(path, restored)
    assert names(restored) == ["Ada", "Grace"]


def test_a_dump_whose_owner_does_not_exist_here_is_restored(server: Server, people: Database, tmp_path: Path) -> None:
    path = dump(people, tmp_path / "dump.sql")
    path.write_text(
        path.read_text().replace("OWNER TO harness;", 'OWNER TO "Ada L";')
        + "GRANT SELECT ON TABLE public.people TO readers;\n"
    )
    restored = server.create("restored")
    server.restore(path, restored)
    assert names(restored) == ["Ada", "Grace"]


def test_a_dump_that_would_touch_other_databases_is_refused(server: Server, people: Database, tmp_path: Path) -> None:
    path = dump(people, tmp_path / "dump.sql", "--create")
    with pytest.raises(DatabaseError, match="without --create"):
        server.restore(path, server.create("restored"))


def test_rows_that_look_like_commands_are_rows(server: Server, tmp_path: Path) -> None:
    database = server.create("people")
    fill(database, "CREATE DATABASE x", "ALTER TABLE x OWNER TO ghost;")
    restored = server.create("restored")
    server.restore(dump(database, tmp_path / "dump.sql"), restored)
    assert names(restored) == ["ALTER TABLE x OWNER TO ghost;", "CREATE DATABASE x"]


def test_a_dump_that_is_cut_off_is_refused_without_showing_rows(
    server: Server, people: Database, tmp_path: Path
) -> None:
    path = dump(people, tmp_path / "dump.sql", "--inserts")
    path.write_text(path.read_text().replace("VALUES ('Grace')", "VALUES ('Ada')"))
    with pytest.raises(
        DatabaseError, match=r"dump\.sql was not restored: psql .* could not create unique index"
    ) as raised:
        server.restore(path, server.create("restored"))
    assert "Ada" not in str(raised.value)


def test_a_backup_that_cannot_be_written_is_told(server: Server, people: Database, tmp_path: Path) -> None:
    (tmp_path / "backup").mkdir()
    with pytest.raises(DatabaseError, match="was not backed up: pg_dump"):
        server.backup(people, tmp_path / "backup")
