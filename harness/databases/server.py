"""What every database server can do."""

from __future__ import annotations

import os
import re
import secrets
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import Self

from harness.databases.database import Database, Engine

LONGEST_LABEL = 30


def new_name(label: str) -> str:
    """Return a database name that no other run uses: ``harness_<pid>_<random>_<label>``."""
    plain = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")[:LONGEST_LABEL]
    return f"harness_{os.getpid()}_{secrets.token_hex(4)}_{plain or 'database'}"


class Server(ABC):
    """A database server that a run uses; it drops what it created when it is closed.

    `version` is the server's ("18.6"), `title` names it in reports ("PostgreSQL 18.6 (embedded)").
    """

    engine: Engine
    version: str
    title: str

    @abstractmethod
    def create(self, label: str) -> Database:
        """Create an empty database."""

    @abstractmethod
    def copy(self, database: Database, label: str) -> Database:
        """Copy a database; idle sessions on the original are ended first."""

    @abstractmethod
    def drop(self, database: Database) -> None:
        """Drop a database that this server created; a second time does nothing. Raises DatabaseError otherwise."""

    @abstractmethod
    def analyze(self, database: Database) -> None:
        """Bring statistics and visibility map up to date, as on a database that has been in use for a while."""

    @abstractmethod
    def backup(self, database: Database, path: Path) -> None:
        """Write a backup of a database to the file `path`; raises DatabaseError."""

    @abstractmethod
    def restore(self, path: Path, database: Database) -> None:
        """Replace the content of a database by that of a backup or dump; raises DatabaseError.

        PostgreSQL reads pg_dump's custom, directory, tar and plain formats; SQLite a database file or an ``.sql`` file.
        """

    @abstractmethod
    def close(self) -> None:
        """Drop everything that was created and stop what was started; a second time does nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
