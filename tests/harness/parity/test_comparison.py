"""How answers and written rows are compared, without a release."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from harness.probes.cast import absent
from harness.probes.parity import rows, trees
from harness.probes.parity.comparison import compare, is_stable

OLD = {"id": "integer:1", "tags": ["string:a", "string:b"], "by": {"name": "string:n"}, "none": "null"}
TREES = {
    "equal": (OLD, []),
    "key missing": ({key: OLD[key] for key in OLD if key != "by"}, [("/by", "missing")]),
    "key added": ({**OLD, "more": "null"}, [("/more", "added")]),
    "type": ({**OLD, "none": "string:x"}, [("/none", "null -> string")]),
    "nested": ({**OLD, "by": {"name": "string:m"}}, [("/by/name", "another value")]),
    "order": ({**OLD, "tags": ["string:b", "string:a"]}, [("/tags", "another order")]),
    "length": ({**OLD, "tags": []}, [("/tags", "another number of elements")]),
    "element": ({**OLD, "tags": ["string:a", "integer:2"]}, [("/tags/*", "string -> integer")]),
    "another thing": ("empty", [("/", "object -> empty")]),
}


@pytest.mark.parametrize("case", TREES)
def test_json_is_compared_by_structure(case: str) -> None:
    candidate, expected = TREES[case]

    assert list(trees.differences(OLD, candidate)) == expected


def test_what_differs_by_itself_keeps_its_type() -> None:
    blurred = trees.blur(OLD, [{**OLD, "id": "integer:9"}])

    assert list(trees.blurred(blurred)) == ["/id"]
    assert list(trees.differences(blurred, {**OLD, "id": "integer:5"})) == []
    assert list(trees.differences(blurred, {**OLD, "id": "null"})) == [("/id", "integer -> null")]


@pytest.mark.parametrize("other", [{**OLD, "tags": []}, {**OLD, "tags": "null"}, {**OLD, "tags": {"a": "null"}}])
def test_a_part_that_differs_as_a_whole_by_itself_is_not_compared(other: Any) -> None:
    blurred = trees.blur(OLD, [other])

    assert list(trees.blurred(blurred)) == ["/tags"]
    assert list(trees.differences(blurred, {**OLD, "tags": "string:x", "none": "string:x"})) == [
        ("/none", "null -> string")
    ]


def change(kind: str, key: str = "1", **columns: str) -> dict[str, Any]:
    return {"table": "t", "change": kind, "key": key, "columns": columns}


SHARED = {"t": frozenset({"a", "b", "id"})}
ROWS = {
    "equal": ([change("altered", a="v:1")], [change("altered", a="v:1")], []),
    "value": ([change("altered", a="v:1")], [change("altered", a="v:2")], [("t.a", "another value")]),
    "null": ([change("altered", a="v:1")], [change("altered", a="null")], [("t.a", "v -> null")]),
    "more": ([], [change("altered", a="v:1")], [("t.a", "altered in addition")]),
    "less": ([change("altered", a="v:1", b="v:1")], [change("altered", b="v:1")], [("t.a", "no longer altered")]),
    "other row": ([change("removed")], [change("removed", "2")], [
        ("t", "left alone -> removed"), ("t", "removed -> left alone"),
    ]),
    "kept": ([change("removed")], [change("altered", a="v:1")], [("t", "removed -> altered")]),
    "emptied": ([], [change("emptied", "")], [("t", "left alone -> emptied")]),
    "new column": ([], [change("altered", new="v:1")], []),
    "fewer": ([change("added", a="v:1")], [], [("t", "adds fewer rows")]),
    "any order": (
        [change("added", "1", a="v:1"), change("added", "2", a="v:2")],
        [change("added", "8", a="v:2"), change("added", "9", a="v:1")],
        [],
    ),
    "added value": (
        [change("added", "1", a="v:1", b="v:1"), change("added", "2", a="v:2", b="v:1")],
        [change("added", "8", a="v:2", b="v:1"), change("added", "9", a="v:1", b="null", new="v:1")],
        [("t.b", "v -> null")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ROWS)
def test_written_rows_are_compared_by_key_and_by_content(case: str) -> None:
    legacy, candidate, expected = ROWS[case]

    assert sorted(rows.differences(legacy, [legacy], candidate, SHARED)) == expected


def test_what_is_written_differently_by_itself_is_compared_by_its_presence() -> None:
    legacy = [change("added", id="v:1", a="v:1"), change("altered", "5", b="v:now")]
    twin = [change("added", id="v:1001", a="v:1"), change("altered", "5", b="v:later")]
    candidate = [change("added", id="v:2", a="v:1"), change("altered", "5", b="v:later still")]

    assert list(rows.differences(legacy, [twin], candidate, SHARED)) == []
    assert list(rows.differences(legacy, [twin], candidate[:1], SHARED)) == [("t.b", "no longer altered")]
    assert list(rows.differences(legacy, [legacy], candidate, SHARED)) == [
        ("t.b", "another value"),
        ("t.id", "another value"),
    ]


GOOD: dict[str, Any] = {
    "status": 200,
    "headers": {"content-type": "application/json", "location": "a"},
    "body": OLD,
    "rows": [],
    "commits": True,
    "exception": "",
    "culprit": None,
}
PLACE = {"file": "views.py", "line": 7}
ANSWERS = {
    "equal": ({}, []),
    "status": ({"status": 500, "exception": "E", "culprit": PLACE}, [("status", "200 -> 500", "E at views.py:7")]),
    "only status": ({"status": 404, "body": "empty", "headers": {}}, [("status", "200 -> 404", "")]),
    "kind": (
        {"headers": {**GOOD["headers"], "content-type": "text/html"}},
        [("headers", "content-type", "application/json -> text/html")],
    ),
    "header missing": (
        {"headers": {"content-type": "application/json"}},
        [("headers", "location", "missing")],
    ),
    "header value": ({"headers": {**GOOD["headers"], "location": "b"}}, [("headers", "location", "another value")]),
    "cookie": ({"headers": {**GOOD["headers"], "cookie id": "set"}}, [("headers", "cookie id", "added")]),
    "body": ({"body": {**OLD, "id": "integer:2"}}, [("body", "/id", "another value")]),
    "not committed": ({"commits": False}, [("rows", "*", "cannot be committed")]),
    "broken off": ({"rows": None}, []),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_answers_are_compared_as_a_whole(case: str) -> None:
    changes, expected = ANSWERS[case]

    found = compare(GOOD, [GOOD], {**GOOD, **changes}, SHARED)

    assert [(each.what, each.where, each.how) for each in found] == expected


def test_rows_that_only_one_release_gets_to_write_are_a_difference() -> None:
    wrote = {**GOOD, "rows": [change("added", a="v:1")]}

    [found] = compare(wrote, [wrote], {**GOOD, "rows": None}, SHARED)

    assert (found.what, found.how) == ("rows", "written by only one release, the other breaks off")


def test_a_header_that_differs_by_itself_is_compared_by_its_presence() -> None:
    twin = {**GOOD, "headers": {**GOOD["headers"], "location": "b"}}

    assert compare(GOOD, [twin], {**GOOD, "headers": {**GOOD["headers"], "location": "c"}}, SHARED) == []


def test_a_release_whose_status_changes_is_not_stable() -> None:
    assert is_stable(GOOD, [GOOD])
    assert not is_stable(GOOD, [{**GOOD, "status": 503}])


def test_absent_keys_are_of_the_kind_of_the_key_and_differ() -> None:
    for key in (7, "a-slug", UUID(int=7)):
        assert type(absent(key)) is type(key)
        assert absent(key, 1) != absent(key, 2)
