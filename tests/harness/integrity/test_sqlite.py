"""What only SQLite has: values that carry their own type, and constraints that stand in the table's text."""

import pytest

from harness.databases import Server
from harness.databases.comparison import compare
from harness.databases.fingerprint import take_fingerprint
from tests.harness.integrity.conftest import run


@pytest.mark.parametrize(
    ("before", "after", "is_same"),
    [
        ("5", "5.0", True),
        ("5", "'5'", False),
        ("5.5", "5.25", False),
        ("'a'", "x'61'", False),
        ("x'6100'", "x'61'", False),
        ("'a' || char(0)", "'a'", False),
        ("CAST(x'ff' AS TEXT)", "CAST(x'fe' AS TEXT)", False),
    ],
)
def test_values_of_different_types_stay_apart(sqlite: Server, before: str, after: str, is_same: bool) -> None:
    one = sqlite.create("one")
    run(one, "CREATE TABLE t (id integer PRIMARY KEY, v)", f"INSERT INTO t VALUES (1, {before})")
    two = sqlite.copy(one, "two")
    run(two, f"UPDATE t SET v = {after}")
    comparison = compare(take_fingerprint(one), take_fingerprint(two))
    assert [each.about for each in comparison.differences] == ([] if is_same else ["t.v"])


@pytest.mark.parametrize(
    ("definition", "name"),
    [
        ("id integer PRIMARY KEY, v integer CHECK (v > (1))", "constraint t.check 1"),
        ("id integer PRIMARY KEY, v integer UNIQUE", "constraint t.unique(v)"),
        ("id integer PRIMARY KEY, v integer REFERENCES u (id)", "constraint t.foreign key(v)"),
        ("id integer PRIMARY KEY, v integer DEFAULT 3", "column t.v"),
        ("id integer PRIMARY KEY AUTOINCREMENT, v integer", "table t"),
    ],
)
def test_constraints_in_the_definition_of_a_table_are_compared(sqlite: Server, definition: str, name: str) -> None:
    one, two = sqlite.create("one"), sqlite.create("two")
    run(one, "CREATE TABLE u (id integer PRIMARY KEY)", "CREATE TABLE t (id integer PRIMARY KEY, v integer)")
    run(two, "CREATE TABLE u (id integer PRIMARY KEY)", f"CREATE TABLE t ({definition})")
    comparison = compare(take_fingerprint(one), take_fingerprint(two))
    assert [each.name for each in comparison.schema] == [name]
    assert comparison.differences == []


def test_views_and_triggers_are_compared(sqlite: Server) -> None:
    one = sqlite.create("one")
    run(one, "CREATE TABLE t (id integer PRIMARY KEY)")
    two = sqlite.copy(one, "two")
    run(
        two,
        "CREATE VIEW w AS SELECT id FROM t",
        "CREATE TRIGGER g AFTER INSERT ON t BEGIN DELETE FROM t WHERE id < 0; END",
    )
    comparison = compare(take_fingerprint(one), take_fingerprint(two))
    assert [each.name for each in comparison.schema] == ["trigger t.g", "view w"]
