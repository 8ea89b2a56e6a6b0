"""Compares two fingerprints: which content differs, how many rows, and the first of their keys."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Literal

import msgspec

from harness.databases.fingerprint import Fingerprint
from harness.databases.reader import Key
from harness.databases.row_changes import RowChange, find_row_changes, has_same_key, show_key
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
    result = Comparison(differences=[], grown=[], renamed={}, schema=compare_schemas(before.schema, after.schema))
    for name, table in before.schema.tables.items():
        if name not in before.sums or (name in after.schema.tables and name not in after.sums):
            continue
        if name in after.sums:
            _compare_columns(before, after, name, result)
            ignored = (ignore or {}).get(name, ())
            changes = (each for each in find_row_changes(before, after, name) if each.key not in ignored)
            for difference in group(table, changes):
                grows = difference.change == "added" and may_grow(table)
                (result.grown if grows else result.differences).append(difference)
        elif new_name := _renamed_table(before, after, name):
            result.renamed[name] = new_name
        else:
            result.differences.append(Difference(table=name, change="dropped", rows=before.sums[name].rows))
    result.differences.extend(find_reset_sequences(before, after, result.renamed))
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


def _compare_columns(before: Fingerprint, after: Fingerprint, name: str, result: Comparison) -> None:
    """Find columns that are gone; the content of one that was renamed is found, row by row, under a new name."""
    old, new = before.schema.tables[name], after.schema.tables[name]
    for column in old.columns:
        if column in new.columns:
            continue
        total = before.sums[name].columns[column]
        fresh = [each for each in new.columns if each not in old.columns]
        matches = [each for each in fresh if total and after.sums[name].columns[each] == total]
        if len(matches) == 1 and has_same_key(old, new):
            result.renamed[f"{name}.{column}"] = f"{name}.{matches[0]}"
        else:
            lost = Difference(table=name, column=column, change="dropped", rows=before.sums[name].rows)
            result.differences.append(lost)


def _renamed_table(before: Fingerprint, after: Fingerprint, name: str) -> str:
    """Return the new table that holds the whole content of one that is gone, or ""."""
    old = before.sums[name]
    for candidate, new in after.sums.items():
        fresh = candidate not in before.schema.tables and old.rows == new.rows
        if fresh and all(new.columns.get(column) == total for column, total in old.columns.items()):
            return candidate
    return ""


def find_reset_sequences(
    before: Fingerprint, after: Fingerprint, renamed: Mapping[str, str] | None = None
) -> list[Difference]:
    """Find sequences that went backward: the next insert would take a key that was used before."""
    found = []
    for owner, last in before.sequences.items():
        table, column = _split(before, owner)
        now = after.sequences.get(_moved(owner, table, renamed or {}))
        gone = (
            table in before.schema.tables and f"{'column' if column else 'table'} {owner}" not in after.schema.objects
        )
        if (now is None and not gone) or (now is not None and now < last):
            found.append(Difference(table=table, column=column, change="reset"))
    return found


def _split(fingerprint: Fingerprint, owner: str) -> tuple[str, str]:
    """Take "table.column" apart; a sequence that no column owns has only a name."""
    table, _, column = owner.rpartition(".")
    return (table, column) if table in fingerprint.schema.tables else (owner, "")


def _moved(owner: str, table: str, renamed: Mapping[str, str]) -> str:
    """Return the name under which a column (or, with SQLite, a table) is to be found now."""
    return renamed.get(owner) or renamed.get(table, table) + owner.removeprefix(table)
