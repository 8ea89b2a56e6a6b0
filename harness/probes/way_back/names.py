"""How the old release and the new one call the same tables and columns."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fnmatch import fnmatchcase

import msgspec

from harness.databases.row_changes import RowChange
from harness.databases.schema import Schema


class Names:
    """What the old release knows, by its names after the phase.

    `renamed` maps names before the phase to those after it ("table" or "table.column"); `changes` are the columns that
    the phase means to change (fnmatch patterns).
    """

    def __init__(self, before: Schema, renamed: Mapping[str, str], changes: Collection[str] = ()) -> None:
        self.back = {new: old for old, new in renamed.items()}
        self._before = before
        self._changes = changes

    def before(self, table: str) -> str:
        """Return what a table was called before the phase."""
        return self.back.get(table, table)

    def knows(self, table: str, column: str = "") -> bool:
        """Tell whether the old release knows a table, or a column of it."""
        old = self._before.tables.get(self.before(table))
        if old is None or not column:
            return old is not None
        return self.back.get(f"{table}.{column}", column).rpartition(".")[2] in old.columns

    def is_meant(self, table: str, column: str) -> bool:
        """Tell whether the phase means to change a column of the old release."""
        return any(fnmatchcase(f"{self.before(table)}.{column}", pattern) for pattern in self._changes)

    def restrict(self, change: RowChange, table: str, *, known: bool) -> RowChange | None:
        """Restrict an altered row to the columns that the old release knows, or to the others; None when none is left.

        Whole rows are known where the table is; columns that the phase means to change are left out.
        """
        if change.change != "altered":
            return change if known == self.knows(table) else None
        columns = tuple(
            column
            for column in change.columns
            if self.knows(table, column) == known and not self.is_meant(table, column)
        )
        return msgspec.structs.replace(change, columns=columns) if columns else None
