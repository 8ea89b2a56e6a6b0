"""A migration that runs no SQL is rehearsed where the line is: copies of the database would show nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.databases import Server
from harness.probes.migrations.facts import Rehearsed
from harness.probes.migrations.history import History
from tests.harness.migrations.scratch import Project

LABELS = (
    'migrations.AlterField("item", "name", models.CharField(max_length=50, help_text="its name")), '
    'migrations.AlterModelOptions("item", {"ordering": ["name"]})'
)
LONGER = 'migrations.AlterField("item", "name", models.CharField(max_length=60))'


def rehearse(folder: Path, server: Server, operations: str) -> Rehearsed:
    """Rehearse one migration."""
    project = Project(folder)
    project.app("shop")
    project.migration("shop", "0002_case", operations)
    database = server.create("history")
    try:
        with project.agent(database) as agent:
            history = History(server, database, agent, lambda *_: None, old_code=True, way_back=True)
            [found] = history.rehearse(history.plan.migrations[-1:])
            return found
    finally:
        server.drop(database)


@pytest.fixture
def without_copies(server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    def refuse(*_: object) -> None:
        raise AssertionError("copied")

    monkeypatch.setattr(server, "copy", refuse)
    return server


def test_without_sql_nothing_is_copied_and_all_facts_are_there(tmp_path: Path, without_copies: Server) -> None:
    found = rehearse(tmp_path, without_copies, LABELS)
    assert found.migration.old_code
    assert found.round_trip
    steps = [*found.migration.operations, *found.round_trip.backward.operations]
    assert [step.facts.statements for step in steps if step.facts] == [[], [], [], []]
    assert (found.migration.old_code.failures, found.round_trip.changes) == ([], [])


def test_with_sql_there_are_copies(tmp_path: Path, without_copies: Server) -> None:
    with pytest.raises(AssertionError, match="copied"):
        rehearse(tmp_path, without_copies, LONGER)
