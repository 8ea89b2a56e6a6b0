"""The probe "parity" on a notebook: an equal release, and one with every flaw."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from harness.errors import ProbeError
from harness.evidence import Evidence
from harness.operations import Actor, Catalog, Differs, DiffersAnywhere, Operation
from harness.probes.parity import Parity
from harness.probes.parity.probe import ParityOptions
from harness.probes.world import World

FLAWS = {
    ("list notes", "body", "/results", "another order"),
    ("show note", "body", "/title", "missing"),
    ("show note", "body", "/pages", "integer -> string"),
    ("write note", "headers", "content-type", "application/json -> application/vnd.note+json"),
    ("write note", "rows", "notes_note.pages", "another value"),
    ("write note", "rows", "notes_visit", "adds more rows"),
    ("delete note", "rows", "notes_note", "left alone -> removed"),
    ("feature note", "status", "200 -> 202", ""),
    ("write note", "status", "400 -> 200", ""),
}


def measure(world: World, candidate: str = "new", **options: Any) -> Evidence:
    world.phase = msgspec.structs.replace(world.phase, serves=candidate, candidate=candidate)
    return Parity().measure(world, ParityOptions(**options))


def value(evidence: Evidence, name: str) -> float:
    [found] = evidence.select(name)
    return found.value


def differences(evidence: Evidence) -> set[tuple[str, str, str, str]]:
    [table] = [each for each in evidence.details["tables"] if each["title"] == "Differences"]
    return {tuple(row[:4]) for row in table["rows"]}


def test_an_equal_release_shows_no_difference(world: World) -> None:
    world.quick = False

    evidence = measure(world)

    assert (evidence.outcome, evidence.reason, evidence.findings) == ("measured", "", [])
    assert (value(evidence, "operations"), value(evidence, "actors")) == (6, 3)
    assert value(evidence, "comparisons") > 150
    assert {value(evidence, name) for name in Parity.measures if "differences" in name} == {0}
    assert value(evidence, "unused declarations") == 0
    [alone] = [each["rows"] for each in evidence.details["tables"] if "by itself" in each["title"]]
    assert alone == [["write note", "/created, /id, /key"]]


def test_every_flaw_is_found_with_its_place_and_no_content(world: World) -> None:
    evidence = measure(world, "flawed")

    assert differences(evidence) >= FLAWS
    assert {each[2] for each in differences(evidence) if each[0] == "ask often"} == set()
    assert value(evidence, "undeclared differences") == len(differences(evidence))
    broken = [each.why for each in evidence.findings if each.about == "write note" and "500" in each.why]
    assert broken
    assert "TypeError at notes/views.py:" in broken[0]
    assert "Secret title" not in msgspec.json.encode(evidence).decode()


def test_declared_differences_are_intended_and_unneeded_declarations_are_found(world: World) -> None:
    world.quick = False
    shown = Differs(what="body", where=["/title", "/pages", "/subtitle"], reason="shorter")
    everywhere = DiffersAnywhere(operation="feature *", what="status", where="200 -> 2*", status="2xx", reason="later")
    catalog = world.catalog
    operations = [
        msgspec.structs.replace(each, differs=[shown] if each.name == "show note" else []) for each in catalog.operation
    ]
    world.catalog = msgspec.structs.replace(catalog, operation=operations, differs=[everywhere])

    evidence = measure(world, "flawed", only=["show note", "feature note"])

    assert differences(evidence) >= {("show note", "body", "/title", "missing")}
    assert value(evidence, "undeclared differences") == 0
    assert [(each.code, each.about) for each in evidence.findings] == [("parity-unused-declaration", "show note")]
    assert "'/subtitle'" in evidence.findings[0].why


def test_a_declaration_does_not_cover_another_actor_status_or_case(world: World) -> None:
    wrong = [
        Differs(what="status", where="200 -> 202", reason="only for writers", actor="writer"),
        Differs(what="status", where="200 -> 202", reason="only for errors", status="4xx"),
        Differs(what="status", where="200 -> 202", reason="only for oneself", case="own *"),
    ]
    [feature] = [each for each in world.catalog.operation if each.name == "feature note"]
    world.catalog = msgspec.structs.replace(world.catalog, operation=[msgspec.structs.replace(feature, differs=wrong)])

    assert value(measure(world, "flawed", only=["feature *"]), "undeclared differences") == 1


def test_what_cannot_be_compared_is_an_error_that_names_it(world: World) -> None:
    nobody = Actor(name="nobody", draw='SELECT 1 AS "user" WHERE 1 = 0')
    world.catalog = Catalog(
        actor=[nobody],
        operation=[
            Operation(name="lose", request="GET /notes/{note}/", draw="SELECT 1 AS note WHERE 1 = 0"),
            Operation(name="flicker", request="GET /unstable/"),
            Operation(name="later", request="GET /later/", releases=["new"]),
        ],
    )

    evidence = measure(world)

    assert evidence.outcome == "error"
    assert "Actor 'nobody' is nobody" in evidence.reason
    assert "'lose': the draw finds no row" in evidence.reason
    assert (value(evidence, "operations not compared"), value(evidence, "unstable operations")) == (1, 1)
    assert [each.code for each in evidence.findings] == ["parity-unstable"]


def test_nothing_to_compare_is_an_error(world: World) -> None:
    assert "nothing was compared" in measure(world, only=["no such"]).reason
    with pytest.raises(ProbeError, match="are both release 'old'"):
        measure(world, "old")
