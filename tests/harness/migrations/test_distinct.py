"""Failures of old code are told once each, by the column where there is one."""

from __future__ import annotations

from harness.agent.samples.tries import Failure, distinct

JSON = "invalid input syntax for type json"


def _failure(column: str, case: str, reason: str = JSON, constraint: str = "") -> Failure:
    return Failure("shop.Line", "shop_line", "insert", column, case, reason, "22P02", constraint)


def test_a_row_that_fails_for_the_reason_of_one_of_its_columns_is_not_told_twice() -> None:
    whole, column = _failure("", "ordinary row"), _failure("value", "longest text")
    assert distinct([whole, column, _failure("value", "empty text")]) == [column]


def test_a_row_that_fails_for_a_reason_of_its_own_is_told() -> None:
    whole = _failure("", "ordinary row", "something else")
    assert distinct([whole, _failure("value", "longest text")])[0] == whole
