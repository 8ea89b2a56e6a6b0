"""Tables, charts and notes that probes put into their evidence's details."""

from __future__ import annotations

from typing import Any, Literal, TypeVar

import msgspec

from harness.evidence import Evidence

Scalar = str | int | float | bool | None


class Table(msgspec.Struct, frozen=True):
    """A table; each row has a cell for each column."""

    title: str
    columns: list[str]
    rows: list[list[Scalar]]

    @property
    def numeric(self) -> list[bool]:
        """Tell for each column whether it holds numbers and nothing else."""
        columns = [[row[index] for row in self.rows if index < len(row)] for index in range(len(self.columns))]
        return [any(map(_is_number, cells)) and all(c is None or _is_number(c) for c in cells) for cells in columns]


class Series(msgspec.Struct, frozen=True):
    """One series of a chart; None is a gap."""

    name: str
    values: list[float | None]


class Chart(msgspec.Struct, frozen=True):
    """A bar or line chart over labels; `unit` is the unit of the values."""

    title: str
    kind: Literal["bar", "line"]
    labels: list[str]
    series: list[Series]
    unit: str = ""


class Details(msgspec.Struct, frozen=True):
    """What of a probe's details can be shown: `notes` say how it was measured, `refused` what cannot be, and why."""

    tables: list[Table]
    charts: list[Chart]
    notes: list[str]
    refused: list[str]


T = TypeVar("T")


def _is_number(value: Scalar) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def read_details(evidence: Evidence) -> Details:
    """Read the tables, charts and notes; those of another form are refused by name, never guessed at."""
    refused: list[str] = []
    tables = _read(evidence.details.get("tables", []), Table, refused)
    charts = _read(evidence.details.get("charts", []), Chart, refused)
    return Details(tables, charts, _read(evidence.details.get("notes", []), str, refused), refused)


def _read(raw: Any, kind: type[T], refused: list[str]) -> list[T]:
    read = []
    for each in raw if isinstance(raw, list) else [raw]:
        try:
            read.append(msgspec.convert(each, kind))
        except msgspec.ValidationError as error:
            title = each.get("title", "without a title") if isinstance(each, dict) else "without a title"
            word = "Note" if kind is str else kind.__name__
            refused.append(f"{word} {title!r} has another form than the report can show: {error}.")
    return read
