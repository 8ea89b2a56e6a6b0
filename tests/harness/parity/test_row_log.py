"""What a request writes, noted by triggers on both databases and read before it is undone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import msgspec
import pytest

from harness.databases import Database, provision
from harness.databases.row_log import advance_sequences, install_row_log
from harness.operations import Operation, read_operations
from harness.probes.binding import bind
from harness.probes.cast import Cast, Messenger
from harness.releases import open_agent
from harness.rollout import Rollout
from tests.harness.parity.notebook import write_notebook


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def filled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Rollout, Database]]:
    """The notebook's database with a row log, on both engines."""
    rollout = write_notebook(tmp_path_factory.mktemp("notebook"))
    postgresql = request.param == "postgresql"
    with nullcontext(request.getfixturevalue("server")) if postgresql else provision("sqlite") as server:
        database = server.create("notebook")
        with open_agent(
            rollout, rollout.find_release("old"), database, log=tmp_path_factory.mktemp("l") / "log"
        ) as agent:
            agent.call("migrate")
            agent.call("manage", arguments=["fill"])
        yield rollout, database


@pytest.fixture(scope="module")
def effects(filled: tuple[Rollout, Database], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Send an operation of a release, as its own actor, and return the rows that it changed."""
    rollout, database = filled
    schema = install_row_log(database)
    advance_sequences(database, 1000)
    catalog = read_operations(rollout.path("operations.toml"))
    more = [Operation(name=name, request=f"POST /{name}/") for name in ("dangling", "spoilt")]
    catalog = msgspec.structs.replace(catalog, operation=[*catalog.operation, *more])
    log = tmp_path_factory.mktemp("l") / "log"
    with open_agent(rollout, rollout.find_release("flawed"), database, log=log) as agent:
        messenger = Messenger(agent, schema, "salt")

        def send(name: str) -> Any:
            with bind(catalog, database) as binder:
                cast = Cast(catalog, binder, persons=1, objects=1)
                [operation] = [each for each in catalog.operation if each.name == name]
                owner = cast.owner(operation)
                assert owner is not None
                [answer] = messenger.send(cast.cases(operation, owner)[:1])
            return answer

        yield send


def changes(answer: Any) -> list[tuple[str, str, list[str]]]:
    return sorted((each["table"], each["change"], sorted(each["columns"])) for each in answer["rows"])


def test_added_rows_have_all_columns_and_no_values(effects: Any) -> None:
    answer = effects("write note")

    columns = ["created", "featured", "id", "owner_id", "pages", "title"]
    assert changes(answer) == [("notes_note", "added", columns), ("notes_visit", "added", ["id", "note_id"])]
    assert (answer["status"], answer["commits"]) == (201, True)
    assert "New " not in str(answer)


def test_altered_rows_have_what_was_altered_and_removed_ones_their_dependents(effects: Any) -> None:
    assert changes(effects("feature note")) == [("notes_note", "altered", ["featured"])]
    removed = changes(effects("delete note"))
    assert removed == [("notes_note", "removed", [])] * 4 + [("notes_visit", "removed", [])] * 4


def test_nothing_stays_and_reading_changes_nothing(effects: Any) -> None:
    first = effects("show note")

    assert (first["rows"], first["status"]) == ([], 200)
    assert effects("show note")["body"] == first["body"]
    assert len(changes(effects("delete note"))) == 8


def test_what_the_database_would_not_commit_is_known(effects: Any) -> None:
    answer = effects("dangling")

    assert (answer["status"], answer["commits"]) == (201, False)
    assert changes(answer) == [("notes_visit", "added", ["id", "note_id"])]


def test_after_an_error_that_breaks_the_transaction_nothing_is_known(effects: Any, filled: Any) -> None:
    answer = effects("spoilt")

    breaks = filled[1].engine == "postgresql"
    assert (answer["status"], answer["rows"] is None, answer["body"][:8]) == (200, breaks, "content:")
