"""Compares two fingerprints: which content differs, how many rows, and the first of their keys."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Literal

import msgspec

from harness.databases.fingerprint import Fingerprint
from harness.databases.reader import Key
from harness.databases.renames import find_renamed
from harness.databases.row_changes import RowChange, find_row_changes, show_key
from harness.databases.schema import SchemaChange, Table, compare_schemas

Change = Literal["altered", "missing", "added", "dropped", "reset"]
SHOWN_KEYS = 10
BOOKKEEPING = frozenset({"django_migrations", "django_content_type", "auth_permission"})


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What differs in one column (or, with column "", in whole rows): the number of rows and the first of their keys.

    "altered" values, "missing" and "added" rows, a table or column that was "dropped", a sequence that was "reset".
    """

    table: str
    change: Change
    column: str = ""
    rows: int = 0
    keys: tuple[str, ...] = ()

    @property
    def about(self) -> str:
        """The subject: "table.column" or "table"."""
        return f"{self.table}.{self.column}" if self.column else self.table


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """How two databases differ.

    `grown` are rows added to the tables in which Django keeps its own books (migrations, content types, permissions and
    their grants); `renamed` maps tables and columns whose content is found whole under a new name.
    """

    differences: list[Difference]
    grown: list[Difference]
    renamed: dict[str, str]
    schema: list[SchemaChange]

    @property
    def rows(self) -> int:
        """The number of rows in all differences; a row counts once per column in which it differs."""
        return sum(difference.rows for difference in self.differences)


def compare(
    before: Fingerprint, after: Fingerprint, *, ignore: Mapping[str, Collection[Key]] | None = None
) -> Comparison:
    """Compare everything that `before` has with `after`, which must have been taken `like` it.

    `ignore` are keys by table whose rows are left out.
    """
    renamed = find_renamed(before, after)
    result = Comparison(differences=[], grown=[], renamed=renamed, schema=compare_schemas(before.schema, after.schema))
    for name, table in before.schema.tables.items():
        now = renamed.get(name, name)
        if name in before.sums and now not in after.schema.tables:
            result.differences.append(Difference(table=name, change="dropped", rows=before.sums[name].rows))
        elif name in before.sums and now in after.sums:
            result.differences.extend(_dropped_columns(before, after, name, renamed))
            changes = find_row_changes(before, after, name, renamed=renamed)
            ignored = (ignore or {}).get(name, ())
            for difference in group(table, (each for each in changes if each.key not in ignored)):
                grows = difference.change == "added" and may_grow(table)
                (result.grown if grows else result.differences).append(difference)
    result.differences.extend(find_reset_sequences(before, after, renamed))
    return result


def may_grow(table: Table) -> bool:
    """Tell whether Django itself adds rows to a table when models come or move."""
    return table.name in BOOKKEEPING or bool(table.references & {"auth_permission", "django_content_type"})


def group(table: Table, changes: Iterable[RowChange]) -> list[Difference]:
    """Count the rows of each kind of change and column, and keep the first keys."""
    counts: dict[tuple[Change, str], int] = {}
    keys: dict[tuple[Change, str], list[str]] = {}
    for change in changes:
        for column in change.columns or ("",):
            kind = (change.change, column)
            counts[kind] = counts.get(kind, 0) + 1
            if counts[kind] <= SHOWN_KEYS:
                keys.setdefault(kind, []).append(show_key(table, change.key))
    return [
        Difference(
            table=table.name, change=change, column=column, rows=rows, keys=tuple(filter(None, keys[change, column]))
        )
        for (change, column), rows in counts.items()
    ]


def _dropped_columns(
    before: Fingerprint, after: Fingerprint, name: str, renamed: Mapping[str, str]
) -> Iterator[Difference]:
    """Yield the columns that are gone and not to be found under a new name."""
    remaining = after.schema.tables[renamed.get(name, name)].columns
    for column in before.schema.tables[name].columns:
        if column not in remaining and f"{name}.{column}" not in renamed:
            yield Difference(table=name, column=column, change="dropped", rows=before.sums[name].rows)


def find_reset_sequences(
    before: Fingerprint, after: Fingerprint, renamed: Mapping[str, str] | None = None
) -> list[Difference]:
    """Find sequences that went backward: an insert would take a key that was used before."""
    found = []
    for owner, last in before.sequences.items():
        table, column = _split(before, owner)
        now = after.sequences.get(_moved(owner, table, renamed or {}))
        gone = bool(column) and f"column {owner}" not in after.schema.objects
        if (now is None and not gone) or (now is not None and now < last):
            found.append(Difference(table=table, column=column, change="reset"))
    return found


def _split(fingerprint: Fingerprint, owner: str) -> tuple[str, str]:
    """Take "table.column" apart; a sequence that no column owns has only a name."""
    table, _, column = owner.rpartition(".")
    return (table, column) if table in fingerprint.schema.tables else (owner, "")


def _moved(owner: str, table: str, renamed: Mapping[str, str]) -> str:
    """Return the name under which a column is to be found now."""
    return renamed.get(owner) or renamed.get(table, table) + owner.removeprefix(table)
