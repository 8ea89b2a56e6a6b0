"""The fingerprint of a database: schema, row counts, content sums, sequences, and what Django keeps book of."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager

import msgspec

from harness.databases.database import Database
from harness.databases.postgresql_reader import PostgreSQLReader
from harness.databases.reader import Reader, Selection, Sums
from harness.databases.schema import Schema, Table
from harness.databases.sqlite_reader import SQLiteReader

_NAMES = {
    "django_migrations": "SELECT app || '.' || name FROM {django_migrations} ORDER BY id",
    "django_content_type": "SELECT app_label || '.' || model FROM {django_content_type}",
    "auth_permission": "SELECT t.app_label || '.' || t.model || '.' || p.codename FROM {auth_permission} p"
    " JOIN {django_content_type} t ON t.id = p.content_type_id",
}


class Fingerprint(msgspec.Struct, frozen=True, kw_only=True):
    """What a database holds at one moment, without its content.

    `sums` maps table names; `sequences` the owning columns to last values; `names` holds the applied migrations
    ("app.name", in order), content types ("app.model") and permissions ("app.model.codename") under the names of their
    tables.
    """

    database: Database
    schema: Schema
    sums: dict[str, Sums]
    sequences: dict[str, int]
    names: dict[str, tuple[str, ...]]

    @property
    def rows(self) -> int:
        """The number of rows of all tables."""
        return sum(sums.rows for sums in self.sums.values())

    @property
    def migrations(self) -> tuple[str, ...]:
        """The applied migrations, "app.name", in the order in which they were applied."""
        return self.names.get("django_migrations", ())


@contextmanager
def open_reader(database: Database) -> Iterator[Reader]:
    """Read a database in one consistent snapshot."""
    with closing(database.connect()) as connection:
        is_sqlite = isinstance(connection, sqlite3.Connection)
        yield SQLiteReader(connection) if is_sqlite else PostgreSQLReader(connection)


def take_fingerprint(
    database: Database, *, like: Schema | None = None, tables: Collection[str] | None = None
) -> Fingerprint:
    """Read a whole database, one sequential pass per table.

    `like` is the schema of the database that this one is to be compared with: its keys tell the rows of both apart.
    `tables` restricts the content sums to those.
    """
    with open_reader(database) as reader:
        schema = reader.schema()
        wanted = [table for table in schema.tables.values() if tables is None or table.name in tables]
        model = like.tables if like else {}
        return Fingerprint(
            database=database,
            schema=schema,
            sums={table.name: reader.sums(select(table, model.get(table.name))) for table in wanted},
            sequences=reader.sequences(),
            names=read_names(reader, schema),
        )


def select(table: Table, like: Table | None = None) -> Selection:
    """Select all columns of a table, with the key and the rows of `like` as far as it still has these columns.

    A key of as many columns may be the same one, renamed.
    """
    like = like or table
    own = table.key if len(table.key) == len(like.key) else ()
    key = like.key if set(like.key) <= set(table.columns) else own
    whole = tuple(column for column in like.columns if column in table.columns)
    return Selection(table=table, key=key, columns=tuple(table.columns), whole=whole)


def read_names(reader: Reader, schema: Schema) -> dict[str, tuple[str, ...]]:
    """Read the applied migrations, the content types and the permissions, as far as there are such tables."""
    quoted = {name: table.quoted for name, table in schema.tables.items() if name in _NAMES}
    if "django_content_type" not in quoted:
        quoted.pop("auth_permission", None)
    return {name: tuple(reader.names(_NAMES[name].format_map(quoted))) for name in quoted}
