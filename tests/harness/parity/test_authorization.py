"""The probe "authorization" on a notebook: as declared, and with every permission check broken in turn."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from harness.evidence import Evidence
from harness.operations import Actor, Operation
from harness.probes.authorization import Authorization
from harness.probes.authorization.probe import AuthorizationOptions
from harness.probes.world import World


def measure(world: World, candidate: str, **options: Any) -> Evidence:
    world.phase = msgspec.structs.replace(world.phase, serves=candidate, candidate=candidate)
    return Authorization().measure(world, AuthorizationOptions(**options))


def value(evidence: Evidence, name: str) -> float:
    [found] = evidence.select(name)
    return found.value


def found(evidence: Evidence) -> dict[tuple[str, str], str]:
    return {(each.code.removeprefix("authorization-"), each.about): each.why for each in evidence.findings}


def test_a_release_that_does_as_declared_is_clean_and_shown_as_a_matrix(world: World) -> None:
    evidence = measure(world, "new")

    assert (evidence.outcome, evidence.reason, evidence.findings) == ("measured", "", [])
    assert (value(evidence, "operations"), value(evidence, "actors"), value(evidence, "checks")) == (6, 3, 20)
    [matrix] = evidence.details["tables"]
    assert matrix["columns"] == ["operation", "writer", "editor", "anonymous", "another person"]
    rows = {row[0]: row[1:] for row in matrix["rows"]}
    assert rows["show note"] == ["may: 200", "may not: 404", "may not: 401", "may not: 404"]
    assert rows["feature note"] == ["may not: 403", "may: 200", "may not: 401", ""]
    assert rows["ask often"] == ["may: 200", "may: 200", "may: 200", ""]


def test_a_missing_permission_check_is_found(world: World) -> None:
    evidence = measure(world, "open")

    assert value(evidence, "wrongly allowed") == 6
    said = found(evidence)
    assert said["wrongly-allowed", "feature note"].endswith("gets 200 instead of a refusal; only editor may")
    assert "writer with somebody else's object gets 204 instead" in said["wrongly-allowed", "delete note"]
    assert ("wrongly-allowed", "show note") in said


def test_a_refusal_after_writing_and_one_that_tells_too_much_are_found(world: World) -> None:
    evidence = measure(world, "late")

    assert (value(evidence, "wrote although refused"), value(evidence, "wrongly allowed")) == (2, 0)
    said = found(evidence)
    assert said["wrote-although-refused", "feature note"].endswith("notes_note was written")
    assert value(evidence, "leaks") == 2
    assert said["leak", "show note"] == (
        "writer with somebody else's object gets 403 and not 404, which tells that the object exists"
    )


def test_tables_that_a_refusal_may_write_to_are_named(world: World) -> None:
    assert value(measure(world, "late", may_write=["notes_*"]), "wrote although refused") == 0


def test_a_refusal_of_somebody_who_may_is_found(world: World) -> None:
    evidence = measure(world, "shut", only=["feature note"])

    assert (value(evidence, "wrongly refused"), value(evidence, "checks")) == (1, 3)
    assert found(evidence) == {("wrongly-refused", "feature note"): "editor gets 403 instead of 200"}


HOPELESS = {
    "Actor 'nobody' is nobody": {},
    "Operation 'lose' cannot be checked: the draw finds no row": {
        "name": "lose",
        "request": "GET /notes/{note}/",
        "draw": "SELECT 1 AS note WHERE 1 = 0",
    },
    "Operation 'alone' cannot be checked: nobody but one writer has an object": {
        "name": "alone",
        "request": "GET /notes/{note}/",
        "actor": "writer",
        "draw": "SELECT id AS note FROM notes_note WHERE owner_id = %(user)s AND id = 1",
    },
    "nothing was checked": {"name": "later", "request": "GET /", "releases": ["later"]},
}


@pytest.mark.parametrize("reason", HOPELESS)
def test_what_cannot_be_checked_is_an_error_that_names_it(world: World, reason: str) -> None:
    nobody = [Actor(name="nobody", draw='SELECT 1 AS "user" WHERE 1 = 0')] if not HOPELESS[reason] else []
    operations = [Operation(**HOPELESS[reason])] if HOPELESS[reason] else world.catalog.operation
    world.catalog = msgspec.structs.replace(world.catalog, actor=[*world.catalog.actor, *nobody], operation=operations)

    evidence = measure(world, "new")

    assert evidence.outcome == "error"
    assert reason in evidence.reason
