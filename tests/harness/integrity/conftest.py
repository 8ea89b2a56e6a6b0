"""Servers of both engines, and a way to run statements."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from harness.databases import Database, Server, provision


@pytest.fixture(scope="session")
def postgresql(server: Server) -> Server:
    return server


@pytest.fixture(scope="session")
def sqlite() -> Iterator[Server]:
    with provision("sqlite") as server:
        yield server


@pytest.fixture(scope="module", params=[pytest.param("postgresql", marks=pytest.mark.postgres), "sqlite"])
def each_server(request: pytest.FixtureRequest) -> Server:
    server: Server = request.getfixturevalue(request.param)
    return server


def run(database: Database, *statements: str) -> None:
    with closing(database.connect()) as connection:
        for statement in statements:
            connection.execute(statement)
