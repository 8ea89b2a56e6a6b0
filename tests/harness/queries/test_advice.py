"""What is advised where the corpus does not reach: other versions of Django, and causes without a relation."""

from __future__ import annotations

from typing import Any

import pytest

from harness.agent.advice import advise
from harness.agent.causes import Cause


def statement(cause: Cause | None, table: str = "", count: int = 5, sql: str = "SELECT … FROM t") -> dict[str, Any]:
    return {
        "cause": cause,
        "benign": False,
        "same": False,
        "count": count,
        "most": count,
        "recursive": False,
        "kind": "reads",
        "table": table,
        "sql": sql,
        "path": [{"file": "views.py", "line": 3, "function": "courses"}],
        "prefetched": None,
        "relation": "",
        "advice": None,
    }


def advice(cause: Cause, *others: dict[str, Any], peers: bool = False) -> dict[str, Any]:
    each = statement(cause)
    advise([*others, each], peers=peers)
    told: dict[str, Any] = each["advice"]
    return told


COURSES = Cause("forward", "core.Course", "instructor", "users.User")


def test_where_django_has_fetch_modes_they_are_offered_too() -> None:
    plain, modern = advice(COURSES), advice(COURSES, peers=True)

    assert "fetch_mode" not in plain["text"]
    assert modern["text"].startswith(plain["text"])
    assert "or fetch_mode(models.FETCH_PEERS)" in modern["text"]


def test_fetch_modes_are_not_offered_for_related_managers_which_they_do_not_reach() -> None:
    assert "fetch_mode" not in advice(Cause("related", "core.Course", "tasks", "core.Task"), peers=True)["text"]


def test_the_query_to_change_is_named_by_its_place() -> None:
    told = advice(COURSES, statement(None, "learning_course", 1))

    assert told["text"].endswith("to the query of core.Course in views.py:3 (courses)")
    assert told["query"] == {"file": "views.py", "line": 3, "function": "courses"}


@pytest.mark.parametrize(
    ("cause", "method"),
    [
        (Cause("other"), ""),
        (Cause("raw"), "execute"),
        (Cause("pick", "core.Course"), "in_bulk"),
        (Cause("count", "core.Course"), "aggregate"),
        (Cause("save", "core.Course"), "bulk_create"),
    ],
)
def test_without_a_relation_the_advice_is_to_do_it_once(cause: Cause, method: str) -> None:
    assert advice(cause)["method"] == method


def test_what_runs_once_or_in_batches_gets_no_advice() -> None:
    once, batch = statement(COURSES, count=1), statement(COURSES)
    batch["benign"] = True
    advise([once, batch])

    assert (once["advice"], once["relation"]) == (None, "core.Course.instructor")
    assert (batch["advice"], batch["relation"]) == (None, "")
