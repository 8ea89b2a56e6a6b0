"""Numbers and budgets in words."""

from __future__ import annotations

import pytest

from harness.queries import ledger
from harness.queries.words import at_most
from harness.words import number


@pytest.mark.parametrize(("n", "words"), [(0, "0 reads"), (1, "1 read"), (2000, "2,000 reads")])
def test_a_number_has_the_noun_that_belongs_to_it(n: int, words: str) -> None:
    assert number(n, "read") == words


def test_a_plural_may_be_another_word() -> None:
    assert (number(1, "query", "queries"), number(3, "query", "queries")) == ("1 query", "3 queries")


def test_a_budget_of_one_is_allowed_and_others_are() -> None:
    assert [at_most(n) for n in (0, 1, 2)] == [
        "at most 0 are allowed",
        "at most 1 is allowed",
        "at most 2 are allowed",
    ]


def test_what_got_worse_is_told_in_the_right_number() -> None:
    then: ledger.Entry = {"reads": 0, "writes": 0, "cache": 0, "statements": []}

    assert ledger.worse(then, {**then, "reads": 1, "writes": 2}) == "1 read, recorded 0 and 2 writes, recorded 0"
