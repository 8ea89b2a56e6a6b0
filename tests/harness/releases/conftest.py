"""Interpreters that are not the harness's own."""

from __future__ import annotations

import importlib.util
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.databases import Database, Server
from harness.releases import Agent, open_agent
from tests.harness.foreign import write_project

LIBRARIES = ("django", "Django", "asgiref", "sqlparse", "psycopg", "typing_extensions")


@pytest.fixture(scope="session")
def foreign_python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A virtual environment with Django and psycopg, and none of the harness's libraries."""
    folder = tmp_path_factory.mktemp("foreign") / "venv"
    venv.create(folder, symlinks=True)
    packages = folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    spec = importlib.util.find_spec("django")
    assert spec
    assert spec.origin
    for name in LIBRARIES:
        for library in Path(spec.origin).parent.parent.glob(f"{name}*"):
            (packages / library.name).symlink_to(library)
    return str(folder / "bin" / "python")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """The log file of a release."""
    return tmp_path / "logs" / "release.log"


@pytest.fixture(scope="session")
def template(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Database:
    """A database of the shop, migrated and with ten customers; take copies of it."""
    folder = tmp_path_factory.mktemp("template")
    shop, database = write_project(folder), server.create("template")
    with open_agent(shop, shop.release[0], database, log=folder / "log") as agent:
        agent.call("migrate")
        agent.call("manage", arguments=["fill"])
    return database


@pytest.fixture
def filled(server: Server, template: Database) -> Iterator[Database]:
    """A database of the test's own: the shop, migrated and with ten customers."""
    database = server.copy(template, "filled")
    yield database
    server.drop(database)


@pytest.fixture(scope="session")
def patient(server: Server, template: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    """An agent of the shop that all tests may ask for what it cannot do, or for what changes nothing."""
    folder = tmp_path_factory.mktemp("patient")
    shop, database = write_project(folder), server.copy(template, "patient")
    with open_agent(shop, shop.release[0], database, log=folder / "log") as agent:
        yield agent
