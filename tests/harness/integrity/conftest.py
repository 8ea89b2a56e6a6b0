from collections.abc import Iterator
from contextlib import closing

import pytest

from harness.databases import Database, Server, provision


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    with provision("") as server:
        yield server


@pytest.fixture(scope="session")
def sqlite() -> Iterator[Server]:
    with provision("sqlite") as server:
        yield server


@pytest.fixture(params=[pytest.param("postgresql", marks=pytest.mark.postgres), "sqlite"])
def server(request: pytest.FixtureRequest) -> Server:
    return request.getfixturevalue(request.param)


def run(database: Database, *statements: str) -> None:
    with closing(database.connect()) as connection:
        for statement in statements:
            connection.execute(statement)
