"""The tables of docs/performance.md: a pure function of what was measured, written between two marks."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, NamedTuple

from tests.benchmarks.releases.operations import OPERATIONS, Operation

PAGE: Final = Path(__file__).resolve().parents[3] / "docs" / "performance.md"
BEGIN: Final = "<!-- begin: written by tox -e bench -->\n"
END: Final = "<!-- end -->"
ENGINES: Final = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
SIZES: Final = (20, 200, 2000)
FIGURE: Final = re.compile(r"\d+(\.\d+)?")


class Cell(NamedTuple):
    """What one operation took on one engine at one size: query counts, and ratios of medians."""

    queries: dict[str, int]
    times_faster: float
    times_by_hand: float | None


Measured = dict[tuple[str, str, int], Cell]
"""Cells by engine, operation and size."""


def tables(measured: Measured) -> str:
    """One table for each engine, complete or not at all: a cell that was not measured is a KeyError."""
    return "\n".join(table(engine, measured) for engine in ENGINES)


def table(engine: str, measured: Measured) -> str:
    """The table of one engine."""
    sizes = [f"{size:,}" for size in SIZES]
    heads = ["operation", "queries before", "queries after"]
    heads += [f"times faster at {size}" for size in sizes] + [f"times by hand at {size}" for size in sizes]
    lines = [heads, ["---"] + ["--:"] * (len(heads) - 1)]
    lines += [row(operation, [measured[engine, operation.name, size] for size in SIZES]) for operation in OPERATIONS]
    return f"### {ENGINES[engine]}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def row(operation: Operation, cells: list[Cell]) -> list[str]:
    """The figures of one operation at all sizes."""
    before, after = (", ".join(str(cell.queries[arm]) for cell in cells) for arm in ("legacy", "refactored"))
    faster = [f"{cell.times_faster:.1f}" for cell in cells]
    by_hand = [f"{cell.times_by_hand:.1f}" if cell.times_by_hand else "" for cell in cells]
    return [operation.name, before, after, *faster, *by_hand]


def write(measured: Measured, page: Path = PAGE) -> None:
    """Replace what stands between the marks."""
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError(f"{page} does not hold the marks {BEGIN.strip()} and {END}.")
    page.write_text(f"{before}{BEGIN}\n{tables(measured)}\n{END}{after}", encoding="utf-8")


def structure(page: str) -> str:
    """What stands between the marks, with every figure as #."""
    return FIGURE.sub("#", page.partition(BEGIN)[2].partition(END)[0])
