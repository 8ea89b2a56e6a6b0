"""How the number of queries follows the number of rows."""

from __future__ import annotations

from typing import Any

import pytest

from harness.queries.growth import Group, Growth, identity, read

SIZES = [1, 2, 5, 9, 60]


def group(*counts: int, sql: str = "SELECT … FROM t") -> Group:
    return Group(sql=sql, kind="reads", path=[], sizes=SIZES, counts=list(counts))


def grown(*groups: Group) -> Growth:
    totals = [sum(each.counts[index] for each in groups) for index in range(len(SIZES))]
    return Growth(table="t", sizes=SIZES, totals=totals, groups=list(groups))


@pytest.mark.parametrize(
    ("counts", "shape"),
    [
        ((3, 3, 3, 3, 3), "constant"),
        ((0, 1, 1, 1, 1), "constant"),  # a prefetch that has nothing to load while there is one row
        ((2, 2, 1, 1, 1), "constant"),
        ((1, 3, 3, 3, 3), "constant"),  # a choice that is offered where there are two
        ((1, 3, 3, 3, 4), "linear up to a page"),
        ((1, 2, 5, 9, 60), "linear"),
        ((3, 5, 11, 19, 121), "linear"),
        ((1, 2, 5, 9, 50), "linear up to a page"),
        ((1, 2, 5, 5, 5), "linear up to a page"),
        ((0, 0, 0, 0, 51), "from a threshold"),
        ((1, 4, 25, 81, 3600), "superlinear"),
        ((1, 2, 5, 8, 59), "irregular"),
        ((5, 2, 9, 1, 60), "irregular"),
    ],
)
def test_the_class_follows_from_exact_slopes(counts: tuple[int, ...], shape: str) -> None:
    assert group(*counts).shape == shape
    assert group(*counts).grows == (shape != "constant")


@pytest.mark.parametrize(
    ("groups", "formula", "worst"),
    [
        ([group(1, 1, 1, 1, 1), group(2, 2, 2, 2, 2)], "3", "constant"),
        ([group(3, 3, 3, 3, 3), group(2, 4, 10, 18, 120)], "3 + 2N", "linear"),
        ([group(1, 1, 1, 1, 1), group(1, 2, 5, 9, 50)], "1 + N", "linear up to a page"),
        ([group(1, 1, 1, 1, 1), group(1, 4, 25, 81, 3600)], "2 at 1, 3601 at 60", "superlinear"),
    ],
)
def test_growth_is_said_as_a_formula(groups: list[Group], formula: str, worst: str) -> None:
    assert grown(*groups).formula == formula
    assert grown(*groups).worst == worst


def test_a_query_that_grows_is_seen_although_another_one_shrinks() -> None:
    growth = grown(group(10, 9, 6, 2, 2), group(1, 2, 5, 9, 9, sql="SELECT … FROM hidden"))

    assert growth.totals[:4] == [11, 11, 11, 11]
    assert [each.sql for each in growth.growing] == ["SELECT … FROM hidden"]


def test_answers_of_the_agent_become_groups_by_statement_and_line() -> None:
    def answer(first: int, second: int) -> dict[str, Any]:
        place = {"file": "views.py", "function": "books"}
        return {
            "queries": {"reads": first + second, "writes": 0, "transactions": 9},
            "statements": [
                {"fingerprint": "f", "sql": "S", "kind": "reads", "count": first, "path": [{**place, "line": 1}]},
                {"fingerprint": "f", "sql": "S", "kind": "reads", "count": second, "path": [{**place, "line": 2}]},
                {"fingerprint": "s", "sql": "SAVEPOINT", "kind": "transactions", "count": 9, "path": []},
            ],
        }

    growth = read("t", [{"size": size, "answers": [answer(1, size)]} for size in (9, 5, 1)], 0)

    assert growth.sizes == [1, 5, 9]
    assert [each.counts for each in growth.groups] == [[1, 1, 1], [1, 5, 9]]
    assert growth.formula == "1 + N"


def test_a_line_of_a_package_does_not_tell_statements_apart() -> None:
    place = {"file": "packed/views.py", "line": 3, "installed": True}
    own = {"file": "library/views.py", "line": 9}
    first, second = ({"fingerprint": "a", "path": [{**place, "line": line}, own]} for line in (3, 4))

    assert identity(first) == identity(second)
    assert identity(first) != identity({"fingerprint": "a", "path": [{**own, "line": 10}]})
