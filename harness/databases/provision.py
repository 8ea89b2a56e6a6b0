"""Turns the user's choice of a database into a server."""

from __future__ import annotations

from pathlib import Path

from harness.databases import binaries
from harness.databases.cluster import ClusterServer
from harness.databases.server import Server
from harness.databases.sqlite import SqliteServer
from harness.databases.url import connect_to
from harness.errors import DatabaseError

SCHEMES = ("postgresql://", "postgres://")


def provision(choice: str = "") -> Server:
    """Provide a server: "" starts the embedded one; raises DatabaseError, which never shows a password.

    "installed" starts the binaries on PATH, a folder those in it; a ``postgresql://`` URL uses a server that the user
    owns, where the harness touches only databases that it created; "sqlite" is a temporary folder.
    """
    if choice.startswith(SCHEMES):
        return connect_to(choice)
    if choice == "sqlite":
        return SqliteServer()
    if choice == "installed":
        return ClusterServer(binaries.installed(), "installed")
    if not choice:
        return ClusterServer(binaries.embedded(), "embedded")
    if Path(choice).is_dir():
        return ClusterServer(binaries.at(Path(choice)), choice)
    # The choice is not repeated: it may be a mistyped URL with a password.
    raise DatabaseError(
        "That database is neither a postgresql:// URL, 'installed', 'sqlite' nor a folder with PostgreSQL's programs; "
        "leave --database out for the embedded PostgreSQL."
    )
