"""The servers that a user may choose: embedded, installed, SQLite."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.databases import Server, provision

DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


@pytest.fixture(scope="session")
def installed() -> Iterator[Server]:
    """A server of the binaries that are installed on this machine."""
    if not DEBIAN and not shutil.which("postgres"):
        pytest.skip("no PostgreSQL is installed on this machine")
    with provision("installed") as server:
        yield server


@pytest.fixture(params=["embedded", "installed", "sqlite"])
def any_server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """Each kind of server in turn."""
    if request.param == "sqlite":
        with provision("sqlite") as server:
            yield server
    else:
        yield request.getfixturevalue({"embedded": "server", "installed": "installed"}[request.param])
