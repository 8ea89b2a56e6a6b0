"""A PostgreSQL server that the user owns: the harness only touches databases that it created there."""

from __future__ import annotations

import atexit
import os
from contextlib import closing

import msgspec
import psycopg
from psycopg import conninfo, sql

from harness.databases import stale
from harness.databases.binaries import tools_for
from harness.databases.database import Database, Secret
from harness.databases.postgres import PostgresServer
from harness.errors import DatabaseError

OLDEST = 13
CONNECT_SECONDS = "10"


class UserServer(PostgresServer):
    """A running server; closing it drops the databases that were created there, and nothing else."""

    def __init__(self, maintenance: Database) -> None:
        version = _check(maintenance)
        super().__init__(maintenance, tools_for(version // 10000), _place(maintenance), owned=False)
        atexit.register(self.close)
        self._drop_abandoned()

    def close(self) -> None:
        """Drop the databases that were created."""
        super().close()
        atexit.unregister(self.close)

    def _create(self, name: str, how: sql.Composable) -> None:
        """Create a database and note on it who did."""
        super()._create(name, how)
        if comment := stale.mark():
            self._execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(comment)))

    def _drop_abandoned(self) -> None:
        """Drop what harness processes that were killed on this machine have left here."""
        for name, comment in self._execute(stale.LIST):
            if stale.abandoned(comment):
                self._drop(name)


def connect_to(url: str) -> UserServer:
    """Use the server at a URL; raises DatabaseError without showing the URL's password."""
    return UserServer(_read(url))


def read_only(url: str) -> Database:
    """Return the database at a URL in sessions that cannot write; raises DatabaseError where it cannot be reached."""
    database = _read(url)
    options = {"connect_timeout": CONNECT_SECONDS, **database.options, "options": "-c default_transaction_read_only=on"}
    database = msgspec.structs.replace(database, options=options)
    try:
        database.connect().close()
    except psycopg.OperationalError as error:
        raise DatabaseError(_explain(error, database)) from None
    return database


def _read(url: str) -> Database:
    try:
        parts = {key: str(value) for key, value in conninfo.conninfo_to_dict(url).items() if value is not None}
        port = int(parts.pop("port", "0") or 0)
    except (psycopg.ProgrammingError, ValueError):
        raise DatabaseError(
            "The database URL cannot be read; write postgresql://user:password@host:port/database."
        ) from None
    return Database(
        engine="postgresql",
        name=parts.pop("dbname", "postgres"),
        host=parts.pop("host", ""),
        port=port,
        user=parts.pop("user", ""),
        password=Secret(parts.pop("password", "")),
        options={"connect_timeout": CONNECT_SECONDS, **parts},
    )


def _check(maintenance: Database) -> int:
    """Check that the server answers, is new enough and lets one create databases; return its version number."""
    place = _place(maintenance)
    try:
        connection = maintenance.connect()
    except psycopg.OperationalError as error:
        raise DatabaseError(_explain(error, maintenance)) from None
    with closing(connection):
        version: int = connection.info.server_version
        if version < OLDEST * 10000:
            raise DatabaseError(f"{place} runs PostgreSQL {version // 10000}; the harness needs {OLDEST} or newer.")
        may = connection.execute("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
        if not may or not may[0]:
            raise DatabaseError(
                f"The user {connection.info.user!r} may not create databases on {place}; "
                f'grant it: ALTER ROLE "{connection.info.user}" CREATEDB.'
            )
    return version


def _explain(error: psycopg.OperationalError, maintenance: Database) -> str:
    """Say in one sentence why one cannot connect: libpq's own words, shortened to the case."""
    place, said = _place(maintenance), str(error)
    if "password" in said or "authentication" in said:
        return (
            f"{place} does not accept the user {maintenance.user!r} with that password; check both in the database URL."
        )
    if "does not exist" in said and "database" in said:
        return f"{place} has no database {maintenance.name!r}; name one that exists (/postgres) in the database URL."
    if "does not exist" in said and "role" in said:
        return f"{place} has no user {maintenance.user!r}; name one that exists in the database URL."
    return f"{place} cannot be reached; start the server, or check host and port in the database URL."


def _place(maintenance: Database) -> str:
    host = maintenance.host or os.environ.get("PGHOST", "") or "the local socket"
    return f"{host}:{maintenance.port}" if maintenance.port else host
