"""The tables of docs/performance.md are those that `tox -e bench` writes; the figures are the machine's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.releases.operations import OPERATIONS
from tests.benchmarks.releases.table import BEGIN, END, ENGINES, PAGE, SIZES, Cell, Measured, structure, write


def measured() -> Measured:
    """Some measurement of everything."""
    return {
        (engine, operation.name, size): Cell({"legacy": 10, "refactored": 3}, 5.0, 2.0 if operation.by_hand else None)
        for engine in ENGINES
        for operation in OPERATIONS
        for size in SIZES
    }


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A page to write to."""
    page = tmp_path / "performance.md"
    page.write_text(f"Before.\n{BEGIN}{END}\nAfter.\n", encoding="utf-8")
    return page


def test_the_tables_of_the_page_are_those_that_the_benchmarks_write(page: Path) -> None:
    write(measured(), page)

    assert structure(PAGE.read_text(encoding="utf-8")) == structure(page.read_text(encoding="utf-8"))


def test_only_what_stands_between_the_marks_is_written(page: Path) -> None:
    write(measured(), page)
    once = page.read_text(encoding="utf-8")
    write(measured(), page)

    assert page.read_text(encoding="utf-8") == once
    assert once.startswith("Before.\n")
    assert once.endswith("\nAfter.\n")
    assert "| list courses | 10, 10, 10 | 3, 3, 3 | 5.0 | 5.0 | 5.0 | 2.0 | 2.0 | 2.0 |" in once


def test_a_table_with_a_gap_is_not_written(page: Path) -> None:
    before = page.read_text(encoding="utf-8")
    incomplete = measured()
    incomplete.popitem()

    with pytest.raises(KeyError):
        write(incomplete, page)
    assert page.read_text(encoding="utf-8") == before


def test_a_page_without_marks_is_not_written(page: Path) -> None:
    page.write_text("Nothing to replace.", encoding="utf-8")

    with pytest.raises(ValueError, match="does not hold the marks"):
        write(measured(), page)
