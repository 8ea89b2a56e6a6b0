"""What an operations file may say about growth and load."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import ConfigurationError
from harness.operations import Operation, read_operations

REPOSITORY = Path(__file__).resolve().parents[3]


def test_an_operation_that_must_not_grow_says_with_what(tmp_path: Path) -> None:
    path = tmp_path / "operations.toml"
    path.write_text('[[operation]]\nname = "list"\nrequest = "GET /"\nqueries = { grows = "constant" }\n')

    with pytest.raises(ConfigurationError, match=r"operation 'list' must not grow .* 'grows_with'"):
        read_operations(path)


def test_growth_is_declared_by_tables_or_by_queries_of_keys() -> None:
    assert Operation(name="a", request="GET /", grows_with=["t", "u"]).growth == {"t": "", "u": ""}
    assert Operation(name="a", request="GET /", grows_with={"t": "SELECT 1"}).growth == {"t": "SELECT 1"}


def test_every_list_and_detail_of_the_platform_says_that_it_does_not_grow() -> None:
    catalog = read_operations(REPOSITORY / "operations.toml")

    lists = [each for each in catalog.operation if each.name.startswith("list ")]
    assert len(lists) >= 9
    assert {each.queries.grows for each in lists} == {"constant"}
    assert all(each.queries.at_most for each in catalog.operation)
