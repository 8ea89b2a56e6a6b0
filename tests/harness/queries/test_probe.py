"""The probe "queries" on a library whose old release queries for each book."""

from __future__ import annotations

from typing import Any

import msgspec

from harness.evidence import Evidence
from harness.operations import Catalog, Operation, QueryBudget
from harness.probes.queries import Queries
from harness.probes.queries.probe import QueryOptions
from harness.probes.world import World

CONSTANT = QueryBudget(grows="constant")
HOPELESS = [
    (
        Operation(name="break", request="GET /broken/"),
        "Operation 'break' answers 500 (ValueError at site/library/views.py:",
    ),
    (
        Operation(name="lose", request="GET /books/{book}/", draw="SELECT id AS book FROM library_book WHERE 1 = 0"),
        "Operation 'lose' cannot be measured: its draw returns no row",
    ),
    (
        Operation(name="miss", request="GET /books/{shelf}/", draw="SELECT id AS book FROM library_book"),
        "The request of operation 'miss' uses {shelf}; its draws give only book, unique.",
    ),
    (
        Operation(name="flicker", request="GET /flaky/", queries=CONSTANT, grows_with=["library_book"]),
        "The growth of operation 'flicker' with library_book is not known: two equal requests ran different",
    ),
    (
        Operation(name="ignore", request="GET /constant/", queries=CONSTANT, grows_with=["library_book"]),
        "The growth of operation 'ignore' with library_book is not known: the answer does not depend on these rows",
    ),
    (
        Operation(name="vanish", request="GET /books/70/", queries=CONSTANT, grows_with=["library_book"]),
        "The growth of operation 'vanish' with library_book is not known: with 1 row it answers 500",
    ),
    (
        Operation(name="mistype", request="GET /books/", queries=CONSTANT, grows_with={"library_bok": "SELECT 1"}),
        "The growth of 'mistype' cannot be measured: it has only 1 row of library_bok behind it",
    ),
    (
        Operation(name="unknown", request="GET /books/", grows_with={"library_shelf": "SELECT id FROM library_book"}),
        "No model of the project has the table 'library_shelf'",
    ),
]


def measure(world: World, *operations: Operation, only: list[str] | None = None) -> Evidence:
    if operations:
        world.catalog = Catalog(operation=list(operations))
    return Queries().measure(world, QueryOptions(only=only or []))


def turn_back(world: World) -> None:
    """Let the slow release be the candidate."""
    world.phase = msgspec.structs.replace(world.phase, serves="old", candidate="old", migrations=["library"])


def values(evidence: Evidence, name: str) -> dict[str, Any]:
    return {each.about: each.value for each in evidence.select(name)}


def test_both_releases_are_counted_and_the_good_one_passes(world: World) -> None:
    evidence = measure(world)

    assert (evidence.outcome, evidence.reason, evidence.findings) == ("measured", "", [])
    assert values(evidence, "baseline queries") == {"list books": 51, "show book": 2, "add book": 3}
    assert values(evidence, "queries") == {"list books": 1, "show book": 2, "add book": 3}
    assert (values(evidence, "over budget"), values(evidence, "growing operations")) == ({"": 0}, {"": 0})
    assert evidence.summary == "3 operations, none grows; list books 51 -> 1"
    overview = evidence.details["tables"][0]
    assert overview["columns"] == ["operation", "old", "new", "budget", "growth, old", "growth, new"]
    assert ["list books", 51, 1, 1, "1 + N", "1"] in overview["rows"]


def test_a_query_per_row_is_named_with_operation_statement_and_line(world: World) -> None:
    turn_back(world)

    evidence = measure(world, only=["list *"])

    assert (values(evidence, "over budget"), values(evidence, "growing operations")) == ({"": 1}, {"": 1})
    found = {finding.code: finding for finding in evidence.findings}
    assert set(found) == {"n-plus-one", "over-budget"}
    named = found["n-plus-one"]
    assert (named.about, named.file) == ("list books", "site/library/views.py")
    assert named.line > 0
    assert named.why == (
        "runs once for each row of library_book: SELECT … FROM library_author WHERE library_author.id = %s LIMIT %s "
        "in describe, through library.Book.author"
    )
    assert found["over-budget"].why.startswith("51 queries, at most 1 is allowed; 50 x SELECT … FROM library_author")
    assert "list books (1 + N)" in evidence.summary


def test_quick_measures_the_growth_of_the_candidate_only(world: World) -> None:
    world.quick = True

    rows = measure(world, only=["list books"]).details["tables"][0]["rows"]

    assert rows == [["list books", 51, 1, 1, "", "1"]]


def test_linear_growth_may_be_allowed(world: World) -> None:
    turn_back(world)
    allowed = Operation(
        name="list books", request="GET /books/", queries=QueryBudget(grows="linear"), grows_with=["library_book"]
    )

    evidence = measure(world, allowed)

    assert values(evidence, "growing operations") == {"": 0}
    assert evidence.findings == []


def test_what_cannot_be_measured_is_an_error_that_names_each_operation(world: World) -> None:
    evidence = measure(world, *(operation for operation, _ in HOPELESS))

    assert evidence.outcome == "error"
    for operation, reason in HOPELESS:
        assert reason in evidence.reason, operation.name


def test_an_empty_catalog_is_an_error(world: World) -> None:
    evidence = measure(world, only=["nothing"])

    assert (evidence.outcome, values(evidence, "operations")) == ("error", {"": 0})


def test_a_third_serving_release_is_counted_on_the_new_schema(world: World) -> None:
    world.phase = msgspec.structs.replace(world.phase, serves="old")

    overview = measure(world, only=["show *"]).details["tables"][0]

    assert overview["columns"][-1] == "old, migrated"
    assert overview["rows"] == [["show book", 2, 2, 2, "", "", 2]]


def test_a_phase_without_another_release_is_measured_once(world: World) -> None:
    world.phase = msgspec.structs.replace(world.phase, serves="old", candidate="")

    overview = measure(world, only=["show *"]).details["tables"][0]

    assert overview["rows"] == [["show book", 2, 2, ""]]
