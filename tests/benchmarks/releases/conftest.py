"""Both releases on every engine at every size, and the table that is written when all of it was measured."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from harness.databases import Server, provision
from tests.benchmarks.releases.arms import Arm, arms
from tests.benchmarks.releases.operations import OPERATIONS
from tests.benchmarks.releases.table import ENGINES, SIZES, Measured, write

MEASURED: Measured = {}


@pytest.fixture(scope="session")
def measured() -> Iterator[Measured]:
    """What was measured so far; the table is written if nothing is missing in the end."""
    yield MEASURED
    if len(MEASURED) == len(ENGINES) * len(SIZES) * len(OPERATIONS):
        write(MEASURED)


@pytest.fixture(scope="session", params=ENGINES)
def server(request: Any) -> Iterator[Server]:
    """A database server."""
    with provision("sqlite" if request.param == "sqlite" else "") as server:
        yield server


@pytest.fixture(scope="session", params=SIZES)
def visited(request: Any, server: Server, tmp_path_factory: Any) -> Iterator[dict[str, Arm]]:
    """The arms at one size."""
    with ExitStack() as stack:
        yield stack.enter_context(arms(server, request.param, tmp_path_factory.mktemp("logs") / "agent.log"))
