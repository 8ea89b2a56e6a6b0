"""The corpus of access patterns: what is caught, which relation is named, and whether the advice works."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness.queries.corpus import table


@pytest.fixture(scope="module")
def results() -> list[dict[str, Any]]:
    return table.measure()


@pytest.fixture(scope="module")
def bad(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for each in results if each["kind"] == "bad"]


def names(results: list[dict[str, Any]]) -> list[str]:
    return [each["name"] for each in results]


def test_the_corpus_is_large_and_its_bad_patterns_really_grow(results: list[dict[str, Any]]) -> None:
    grow = [each for each in results if each["kind"] == "bad" and len(set(each["counts"])) == 3]

    assert len(grow) >= 40
    assert names(grow) == [each["name"] for each in results if each["kind"] == "bad"]
    assert len(results) - len(grow) >= 20


def test_every_bad_pattern_is_caught_on_its_line(bad: list[dict[str, Any]]) -> None:
    assert names([each for each in bad if not each["chosen"] or not each["chosen"]["path"]]) == []


def test_no_good_pattern_is_reported(results: list[dict[str, Any]]) -> None:
    assert names([each for each in results if each["kind"] == "good" and each["found"]]) == []


def test_the_relation_is_the_one_that_is_walked_over(bad: list[dict[str, Any]]) -> None:
    assert names([each for each in bad if not table.is_relation_right(each)]) == []


def test_every_advice_removes_the_growth_of_its_pattern(bad: list[dict[str, Any]]) -> None:
    assert names([each for each in bad if not table.is_advice_right(each)]) == []


@pytest.mark.parametrize(
    ("pattern", "place"),
    [
        ("template", ("list.html", 3)),
        ("template with include", ("item.html", 3)),
        ("template with inheritance", ("child.html", 5)),
    ],
)
def test_a_template_is_named_with_its_own_line(bad: list[dict[str, Any]], pattern: str, place: tuple[str, int]) -> None:
    chosen = next(each["chosen"] for each in bad if each["name"] == pattern)

    assert (chosen["path"][0]["file"], chosen["path"][0]["line"]) == place


@pytest.mark.parametrize("pattern", ["async relation", "async get in a loop", "async count", "gather"])
def test_async_code_is_named_with_the_line_in_the_coroutine(bad: list[dict[str, Any]], pattern: str) -> None:
    chosen = next(each["chosen"] for each in bad if each["name"] == pattern)

    assert chosen["path"][0]["function"].startswith(pattern.replace(" ", "_") + ".<locals>.")


def test_a_method_that_brings_nothing_is_noticed(bad: list[dict[str, Any]]) -> None:
    pattern = next(each for each in bad if each["name"] == "forward key")

    assert table.is_advice_right(pattern)
    assert not table.is_advice_right({**pattern, "fixed": [3, 6, 10]})
    assert not table.is_advice_right({**pattern, "expected": {"advice": 'prefetch_related("school")'}})


def test_the_page_shows_what_is_found_today(results: list[dict[str, Any]]) -> None:
    remedy = "write it anew: python -m tests.harness.queries.corpus.table"

    assert table.PAGE.read_text(encoding="utf-8") == table.page(results), remedy
