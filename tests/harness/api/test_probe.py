"""The probe on a project whose releases describe their API with a management command."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from harness.databases import Server, provision
from harness.errors import AgentError, ProbeError
from harness.evidence import Evidence
from harness.probes.api import Api
from tests.harness.integrity.library import open_library

COMMAND = """
from django.core.management import BaseCommand


class Command(BaseCommand):
    def add_arguments(self, parser):
        parser.add_argument("path")

    def handle(self, path, **options):
        open(path, "w").write({text!r})
"""
ENDPOINT = {"responses": {"200": {"description": "good"}}}
COMMITTED = {"openapi": "3.1.0", "paths": {"/books/": {"get": ENDPOINT, "post": ENDPOINT}}}


@pytest.fixture(scope="module")
def sqlite() -> Iterator[Server]:
    with provision("sqlite") as server:
        yield server


@contextmanager
def release(folder: Path, server: Server, current: Any) -> Iterator[Any]:
    """A world whose candidate writes `current` (JSON, or a text as it is) when asked to describe its API."""
    with open_library(folder, server, {}) as world:
        package = folder / "new/library/management/commands"
        package.mkdir(parents=True)
        text = current if isinstance(current, str) else json.dumps(current)
        (package / "describe.py").write_text(COMMAND.format(text=text))
        (folder / "api.json").write_text(json.dumps(COMMITTED))
        yield world


def measure(world: Any, **options: Any) -> Evidence:
    probe = Api()
    given = {"document": "api.json", "command": ["describe", "{file}"], **options}
    return probe.measure(world, probe.read_options(given, "here"))


def value(evidence: Evidence, name: str) -> float:
    return evidence.select(name)[0].value


def test_what_was_removed_and_what_was_added_is_told(sqlite: Server, tmp_path: Path) -> None:
    current = {"openapi": "3.1.0", "paths": {"/books/": {"get": ENDPOINT}, "/shelves/": {"get": ENDPOINT}}}
    with release(tmp_path, sqlite, current) as world:
        evidence = measure(world)
    assert [(each.code, each.about, each.severity) for each in evidence.findings] == [
        ("method-removed", "POST /books/", "high")
    ]
    counted = [value(evidence, name) for name in ("endpoints", "endpoints added", "breaking changes")]
    assert counted == [1, 1, 1]
    assert "POST /books/" in evidence.summary
    assert evidence.artifacts


def test_an_api_that_kept_its_promises_says_so(sqlite: Server, tmp_path: Path) -> None:
    with release(tmp_path, sqlite, COMMITTED) as world:
        evidence = measure(world)
    assert (evidence.findings, evidence.summary) == ([], "2 endpoints, 0 added, no breaking change")


def test_a_command_that_writes_nothing_is_an_error(sqlite: Server, tmp_path: Path) -> None:
    with release(tmp_path, sqlite, "") as world, pytest.raises(ProbeError, match="'describe' of release 'new' wrote"):
        measure(world)


def test_a_command_that_is_not_there_is_an_error(sqlite: Server, tmp_path: Path) -> None:
    with release(tmp_path, sqlite, COMMITTED) as world, pytest.raises(AgentError, match="spectacular"):
        measure(world, command=["spectacular", "--file", "{file}"])


def test_a_committed_document_that_is_not_there_is_an_error(sqlite: Server, tmp_path: Path) -> None:
    with release(tmp_path, sqlite, COMMITTED) as world, pytest.raises(ProbeError, match=r"gone.json does not exist"):
        measure(world, document="gone.json")


def test_a_command_that_does_not_say_where_to_write_is_an_error(sqlite: Server, tmp_path: Path) -> None:
    with release(tmp_path, sqlite, COMMITTED) as world, pytest.raises(ProbeError, match="does not say where"):
        measure(world, command=["describe"])
