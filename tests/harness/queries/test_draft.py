"""What a draft does with routes and tables that do not answer, and what it is made of."""

from __future__ import annotations

from typing import Any

import pytest

from harness.databases import Database
from harness.errors import AgentError, ReleaseError
from harness.operations import Operation, read_operations
from harness.probes.queries import draft
from harness.probes.queries.draft import Draft
from harness.probes.queries.drafted import Entry, entries, write
from harness.probes.queries.patient import Patient
from harness.probes.world import World

SLEEP = ["shell", "-c", "import time; time.sleep(60)"]
QUIT = ["shell", "-c", "import os; os._exit(7)"]


def test_what_takes_too_long_is_ended_and_the_next_call_begins_anew(world: World, filled: Database) -> None:
    with Patient(world, world.copy(filled, "patient")) as agent:
        with pytest.raises(ReleaseError, match=r"did not answer 'manage' within 0 s\."):
            agent.call("manage", 0.2, arguments=SLEEP)
        assert agent.call("list_urls", 60)["routes"]
        with pytest.raises(AgentError, match="no procedure 'nothing'"):
            agent.call("nothing", 60)


def test_a_route_that_ends_the_process_is_a_remark_and_the_others_are_asked(
    world: World, filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = Patient.call

    def broken(self: Patient, procedure: str, seconds: float, **arguments: Any) -> Any:
        asked = [each["path"] for each in arguments.get("requests", [])]
        if asked == ["/authors/"] or arguments.get("table") == "library_book":
            return call(self, "manage", seconds, arguments=QUIT)
        return call(self, procedure, seconds, **arguments)

    monkeypatch.setattr(Patient, "call", broken)
    monkeypatch.setattr(draft, "entries", lambda *found: entries(*found)[1:4])
    drafted = Draft(world)
    drafted.ask(filled)

    text = drafted.text
    assert "Release 'new' ended during 'manage'" in text.split("#   GET /authors/\n")[0].splitlines()[-1]
    shelf = text.split('name = "Shelf"')[1].split("[[")[0]
    assert "# Whether it grows with library_book was not found out: Release 'new' ended during 'manage'" in shelf
    assert 'grows_with = ["library_author"]' in shelf


def test_an_operation_keeps_its_tables_and_says_what_is_not_known(tmp_path: Any) -> None:
    route = {"name": "books", "path": "/books/", "parameters": [], "unknown": [], "draws": []}
    [entry, other] = entries([route, {**route, "path": "/all/"}], [])
    entry.operation = entry.tries[0].operation
    entry.remark, entry.reads, entry.tables, entry.doubts = "", ["b", "a", "c"], ["a", "b"], ["Nobody knows c."]

    path = tmp_path / "operations.toml"
    path.write_text(write([], [entry, other], whole=False))
    assert "# Nobody knows c.\n" in path.read_text()
    assert "# Left out, 1 route: not asked, the draft was interrupted before.\n#   GET /all/\n" in path.read_text()
    assert "# Interrupted: not all was asked." in path.read_text()
    assert "# Interrupted" not in write([], [entry], whole=True)
    [operation] = read_operations(path).operation
    assert list(operation.growth) == ["b", "a"]


def test_answers_that_always_differ_are_told_apart_by_their_length_or_not_at_all() -> None:
    answer = {"sha256": "1", "size": 9, "statements": [{"table": "books", "kind": "reads"}]}
    marks = [{"sha256": "1", "size": 9}, {"sha256": "2", "size": 9}, {"sha256": "2", "size": 8}]
    found = [Entry({}, Operation(name="a", request="GET /"), answer=answer, again=mark) for mark in marks]
    drafted = Draft.__new__(Draft)
    drafted._shrinkable = {"books"}
    for entry in found:
        drafted._note(entry)

    assert [(entry.mark, entry.reads) for entry in found] == [("sha256", ["books"]), ("size", ["books"]), ("", [])]
