"""A library in a temporary folder, its database, and an agent of its slow release."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from harness.databases import Database, Server, provision
from harness.operations import read_operations
from harness.probes.world import World
from harness.releases import Agent, open_agent
from harness.rollout import Rollout
from harness.runs import Run
from tests.harness.queries.library import write_library


@pytest.fixture(scope="session")
def files() -> Iterator[Server]:
    """SQLite databases in a temporary folder."""
    with provision("sqlite") as server:
        yield server


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Rollout:
    """The project with known access patterns."""
    return write_library(tmp_path_factory.mktemp("library"))


@pytest.fixture(scope="session")
def filled(library: Rollout, files: Server, tmp_path_factory: pytest.TempPathFactory) -> Database:
    """Its database, filled: 12 authors, 70 books, 3 users."""
    database = files.create("library")
    log = tmp_path_factory.mktemp("logs") / "agent.log"
    with open_agent(library, library.find_release("old"), database, log=log) as agent:
        agent.call("migrate")
        agent.call("manage", arguments=["fill"])
    return database


@pytest.fixture(scope="session")
def agent_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the agent writes its log."""
    return tmp_path_factory.mktemp("logs") / "agent.log"


@pytest.fixture(scope="session")
def agent(library: Rollout, filled: Database, agent_log: Path) -> Iterator[Agent]:
    """An agent of the slow release; every test leaves the database as it was."""
    with open_agent(library, library.find_release("old"), filled, log=agent_log) as agent:
        yield agent


@pytest.fixture(scope="session")
def shared_world(library: Rollout, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The world of phase 1, from the slow release to the good one; its databases are made once."""
    catalog = read_operations(library.path("operations.toml"))
    run = Run.create(tmp_path_factory.mktemp("runs"), 1)
    phase = library.find_phase(1)
    with closing(World(library, phase, catalog, run, database="sqlite", quick=False, emit=lambda event: None)) as world:
        yield world


@pytest.fixture
def world(shared_world: World) -> Iterator[World]:
    """The same world, whose phase, catalog and quickness a test may change."""
    before = shared_world.phase, shared_world.catalog
    yield shared_world
    shared_world.phase, shared_world.catalog = before
    shared_world.quick = False
