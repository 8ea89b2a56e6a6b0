"""SQLite: a temporary folder whose files are the databases."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from harness.databases.database import Database
from harness.databases.server import Server, new_name
from harness.errors import DatabaseError
from harness.temporary import temporary_folder

MAGIC = b"SQLite format 3\0"


class SqliteServer(Server):
    """A folder of SQLite files, deleted when it is closed."""

    engine = "sqlite"

    def __init__(self) -> None:
        self.version = sqlite3.sqlite_version
        self.title = f"SQLite {self.version} (temporary folder)"
        self._temporary = temporary_folder("sqlite")
        self._folder = Path(self._temporary.name)

    def create(self, label: str) -> Database:
        """Create an empty database file."""
        path = self._folder / f"{new_name(label)}.sqlite3"
        path.touch()
        return Database(engine="sqlite", name=str(path))

    def copy(self, database: Database, label: str) -> Database:
        """Copy a database by SQLite's backup API, so that a writer does not tear it."""
        copy = self.create(label)
        _transfer(Path(database.name), Path(copy.name))
        return copy

    def drop(self, database: Database) -> None:
        """Delete the file and its journals."""
        path = Path(database.name)
        if path.parent != self._folder:
            raise DatabaseError(f"The harness did not create {path} and does not delete it.")
        for file in (path, *(path.with_name(path.name + suffix) for suffix in ("-wal", "-shm", "-journal"))):
            file.unlink(missing_ok=True)

    def analyze(self, database: Database) -> None:
        """Collect the planner's statistics."""
        with closing(database.connect()) as connection:
            connection.execute("ANALYZE")

    def backup(self, database: Database, path: Path) -> None:
        """Write a consistent copy of the file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        _transfer(Path(database.name), path)

    def restore(self, path: Path, database: Database) -> None:
        """Replace the content by that of a database file, or of a file with SQL statements."""
        if not path.is_file():
            raise DatabaseError(f"The backup {path} does not exist; name a SQLite file or a file with SQL statements.")
        self.drop(database)
        try:
            if _is_database(path):
                _transfer(path, Path(database.name))
            else:
                with closing(database.connect()) as connection:
                    connection.executescript(path.read_text(encoding="utf-8"))
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise DatabaseError(
                f"{path} is neither a SQLite database nor SQL that SQLite understands: {error}."
            ) from None

    def close(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._temporary.cleanup()


def _is_database(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(MAGIC)) in (MAGIC, b"")


def _transfer(source: Path, target: Path) -> None:
    with (
        closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)) as old,
        closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new)
