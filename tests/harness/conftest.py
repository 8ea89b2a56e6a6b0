"""What the tests of all rooms share: a real PostgreSQL server and a foreign Django project."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.databases import Database, Server, provision
from harness.rollout import Rollout
from tests.harness.foreign import write_project


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The embedded PostgreSQL, one for the whole session; tests create databases on it and need not drop them."""
    with provision() as server:
        yield server


@pytest.fixture
def database(server: Server) -> Iterator[Database]:
    """An empty PostgreSQL database of the test's own."""
    database = server.create("test")
    yield database
    server.drop(database)


@pytest.fixture
def shop(tmp_path: Path) -> Rollout:
    """A foreign Django project in a temporary folder, as a rollout with the one release "shop"."""
    return write_project(tmp_path)
