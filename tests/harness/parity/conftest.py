"""The world of a notebook whose candidate a test may exchange."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from harness.operations import read_operations
from harness.probes.world import World
from harness.runs import Run
from tests.harness.parity.notebook import write_notebook


@pytest.fixture(scope="session", params=["sqlite"])
def shared_world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The world of the one phase; its databases are made once."""
    rollout = write_notebook(tmp_path_factory.mktemp("notebook"))
    catalog = read_operations(rollout.path("operations.toml"))
    run = Run.create(tmp_path_factory.mktemp("runs"), 1)
    phase = rollout.phase[0]
    with closing(
        World(rollout, phase, catalog, run, database=request.param, quick=True, emit=lambda event: None)
    ) as world:
        yield world


@pytest.fixture
def world(shared_world: World) -> Iterator[World]:
    """The same world, whose phase, catalog and quickness a test may change."""
    before = shared_world.phase, shared_world.catalog
    yield shared_world
    shared_world.phase, shared_world.catalog = before
    shared_world.quick = True
