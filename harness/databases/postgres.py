"""PostgreSQL: everything that is the same on a server that the harness started and on one that the user owns."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from harness.databases import dumps
from harness.databases.binaries import Binaries
from harness.databases.database import Database
from harness.databases.server import Server, new_name
from harness.errors import DatabaseError

COPY_ATTEMPTS = 4


class PostgresServer(Server):
    """A PostgreSQL server; `maintenance` is the database from which others are created and dropped."""

    engine = "postgresql"

    def __init__(self, maintenance: Database, binaries: Binaries | None, origin: str, *, owned: bool) -> None:
        self._maintenance = maintenance
        self._binaries = binaries
        self._owned = owned
        self._created: set[str] = set()
        self._dropped: set[str] = set()
        self.version = str(self._execute("SHOW server_version")[0][0]).split()[0]
        self.title = f"PostgreSQL {self.version} ({origin})"

    def create(self, label: str) -> Database:
        """Create an empty database; it has what the server's template1 has, such as extensions."""
        name = new_name(label)
        self._create(name, sql.SQL("ENCODING 'UTF8'"))
        return self._at(name)

    def copy(self, database: Database, label: str) -> Database:
        """Copy a database with CREATE DATABASE ... TEMPLATE; idle sessions on the original are ended first."""
        self._must_be_ours(database)
        name = new_name(label)
        # Not STRATEGY file_copy: after its checkpoint the next change logs whole pages, and WAL is a measured fact.
        template = sql.SQL("TEMPLATE {}").format(sql.Identifier(database.name))
        for attempt in range(1, COPY_ATTEMPTS + 1):
            self._end_sessions(database.name)
            try:
                self._create(name, template)
                return self._at(name)
            except psycopg.errors.ObjectInUse:
                time.sleep(0.05 * attempt)
        raise DatabaseError(f"The database {database.name!r} cannot be copied: somebody keeps working in it.")

    def drop(self, database: Database) -> None:
        """Drop a database that this server created, with its sessions; a second time does nothing."""
        if database.name not in self._dropped:
            self._must_be_ours(database)
            self._drop(database.name)

    def analyze(self, database: Database) -> None:
        """Run VACUUM (ANALYZE): statistics, visibility map and hint bits."""
        with closing(database.connect()) as connection:
            connection.execute("VACUUM (ANALYZE)")

    def backup(self, database: Database, path: Path) -> None:
        """Write a backup in pg_dump's custom format."""
        dumps.backup(self._tools("backed up"), database, path)

    def restore(self, path: Path, database: Database) -> None:
        """Replace the content of a database by that of a dump."""
        self._must_be_ours(database)
        tools = self._tools("restored")
        dump = dumps.recognise(path)
        self._drop(database.name)
        self._create(database.name, sql.SQL("ENCODING 'UTF8'"))
        if self._owned:
            self._make_roles(dump.roles())
        dumps.restore(tools, dump, database)

    def close(self) -> None:
        """Drop every database that was created here; a server that has gone away has none any more."""
        while self._created:
            try:
                self._drop(next(iter(self._created)))
            except (DatabaseError, psycopg.OperationalError):
                self._created.clear()

    def _at(self, name: str) -> Database:
        here = self._maintenance
        return Database(
            engine="postgresql", name=name, host=here.host, port=here.port, user=here.user, password=here.password,
            options=here.options,
        )  # fmt: skip

    def _create(self, name: str, how: sql.Composable) -> None:
        """Create a database; it is noted before, so that an interruption leaves nothing behind."""
        self._created.add(name)
        self._dropped.discard(name)
        try:
            self._execute(sql.SQL("CREATE DATABASE {} {}").format(sql.Identifier(name), how))
        except psycopg.errors.ObjectInUse:
            raise
        except psycopg.Error as error:
            raise DatabaseError(f"{self.title} does not create a database: {_first_line(error)}.") from None

    def _drop(self, name: str) -> None:
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        self._created.discard(name)
        self._dropped.add(name)

    def _must_be_ours(self, database: Database) -> None:
        if database.name not in self._created:
            raise DatabaseError(f"The harness did not create the database {database.name!r} and does not touch it.")

    def _end_sessions(self, name: str) -> None:
        self._execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = %s AND pid <> pg_backend_pid() AND state LIKE 'idle%%' AND usename = current_user",
            [name],
        )

    def _make_roles(self, names: set[str]) -> None:
        there = {row[0] for row in self._execute("SELECT rolname FROM pg_roles")}
        for name in sorted(names - there):
            self._execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(name)))

    def _tools(self, what: str) -> Binaries:
        if self._binaries is None:
            raise DatabaseError(
                f"{self.title} cannot be {what}: no pg_dump of version {self.version} or newer was found; "
                "put the binaries of that version on PATH."
            )
        return self._binaries

    def _execute(self, statement: str | sql.Composable, parameters: list[Any] | None = None) -> list[Any]:
        try:
            connection = self._maintenance.connect()
        except psycopg.OperationalError as error:
            raise DatabaseError(f"The database server does not answer any more: {_first_line(error)}.") from None
        with closing(connection):
            cursor = connection.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []


def _first_line(error: psycopg.Error) -> str:
    return str(error).strip().splitlines()[0].rstrip(".")
