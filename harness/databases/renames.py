"""Finds tables and columns under a new name by their content: a pairing-safe sum does not depend on names."""

from __future__ import annotations

from collections.abc import Mapping

from harness.databases.fingerprint import Fingerprint, open_reader
from harness.databases.reader import Reader, Selection
from harness.databases.row_changes import has_same_key
from harness.databases.schema import Table

_Buckets = dict[int, tuple[int, ...]]


def find_renamed(before: Fingerprint, after: Fingerprint) -> dict[str, str]:
    """Map tables and columns ("table.column") of `before` to their new names in `after`.

    A new name holds most of the content, row by row: rows that were altered as well do not hide a renaming.
    """
    renamed: dict[str, str] = {}
    for name in before.sums:
        if name not in after.schema.tables and (found := _find_table(before, after, name)):
            renamed[name] = found
        now = renamed.get(name, name)
        if now in after.sums:
            renamed |= _find_columns(before, after, name, now)
    return renamed


def _find_table(before: Fingerprint, after: Fingerprint, name: str) -> str:
    """Return the new table that holds the rows of one that is gone, or ""."""
    old = before.schema.tables[name]
    for candidate, table in after.schema.tables.items():
        if candidate in before.schema.tables or candidate not in after.sums or not _key(old, table):
            continue
        shared = tuple(column for column in old.columns if column in table.columns)
        if before.sums[name] == after.sums[candidate] or _is_moved(before, after, (old, shared), (table, shared)):
            return candidate
    return ""


def _find_columns(before: Fingerprint, after: Fingerprint, name: str, now: str) -> Mapping[str, str]:
    old, new = before.schema.tables[name], after.schema.tables[now]
    gone = [column for column in old.columns if column not in new.columns]
    fresh = [column for column in new.columns if column not in old.columns]
    if not gone or not fresh or not _key(old, new):
        return {}
    found = {column: _find_column(before, after, (old, column), (new, fresh)) for column in gone}
    return {f"{name}.{column}": f"{now}.{other}" for column, other in found.items() if other}


def _find_column(before: Fingerprint, after: Fingerprint, old: tuple[Table, str], new: tuple[Table, list[str]]) -> str:
    """Return the one new column that holds the content of a column that is gone, or ""."""
    (table, column), (now, fresh) = old, new
    total = before.sums[table.name].columns[column]
    sums = after.sums[now.name].columns
    matches = [each for each in fresh if sums[each] == total and (total or now.columns[each] == table.columns[column])]
    if not matches and total:
        matches = [each for each in fresh if _is_moved(before, after, (table, (column,)), (now, (each,)))]
    return matches[0] if len(matches) == 1 else ""


def _is_moved(
    before: Fingerprint, after: Fingerprint, old: tuple[Table, tuple[str, ...]], new: tuple[Table, tuple[str, ...]]
) -> bool:
    """Tell whether most buckets of keys hold the same content."""
    with open_reader(before.database) as one, open_reader(after.database) as two:
        first, second = _read(one, *old, key=old[0].key), _read(two, *new, key=_key(old[0], new[0]))
    same = sum(second.get(bucket) == sums for bucket, sums in first.items())
    return 2 * same > len(first)


def _key(old: Table, new: Table) -> tuple[str, ...]:
    """Return the columns of the new table that tell its rows apart as the old table's key does; () where none do."""
    if has_same_key(old, new):
        return old.key
    is_renamed = len(old.key) == len(new.key) and has_same_key(old, new, dict(zip(old.key, new.key, strict=True)))
    return new.key if is_renamed else ()


def _read(reader: Reader, table: Table, columns: tuple[str, ...], *, key: tuple[str, ...]) -> _Buckets:
    """Sum buckets up and leave those without any content out."""
    sums = reader.buckets(Selection(table=table, key=key, columns=columns))
    return {bucket: totals for bucket, totals in sums.items() if any(totals[1:])}
