"""Forward again: does the second time end where the first one did?"""

from __future__ import annotations

from dataclasses import dataclass

from harness.databases.comparison import BOOKKEEPING, Difference, group, may_grow
from harness.databases.fingerprint import Fingerprint
from harness.databases.row_changes import find_row_changes
from harness.databases.schema import SchemaChange, compare_schemas
from harness.probes.way_back.late_writes import LateWrites
from harness.probes.way_back.names import Names


@dataclass
class Again:
    """What differs between the database with late writes and the one that went backward and forward again.

    `known` is content that the old release knows, `new` what is in the new columns and tables of all other rows, `gone`
    what late writes held there: the old schema has no place for it, so it cannot come back.
    """

    known: list[Difference]
    new: list[Difference]
    gone: list[Difference]
    schema: list[SchemaChange]


def compare_again(late: LateWrites, again: Fingerprint, names: Names) -> Again:
    """Compare the state with late writes and the state after forward again; both are after the phase."""
    found = Again([], [], [], compare_schemas(late.fingerprint.schema, again.schema))
    found.known += compare_books(late.fingerprint, again)
    for name, table in late.fingerprint.schema.tables.items():
        if name not in again.sums:
            continue
        if may_grow(table):
            found.known += _count(late.fingerprint, again, name)
            continue
        changes = list(find_row_changes(late.fingerprint, again, name))
        keys = late.keys.get(name, set())
        fresh = [each for each in (names.restrict(change, name, known=False) for change in changes) if each]
        old = [each for each in (names.restrict(change, name, known=True) for change in changes) if each]
        found.known += group(table, old)
        found.new += group(table, (change for change in fresh if change.key not in keys))
        found.gone += group(table, (change for change in fresh if change.key in keys))
    return found


def compare_books(first: Fingerprint, second: Fingerprint) -> list[Difference]:
    """Compare migrations, content types and permissions by name: their numbers differ each time they are made."""
    found = []
    for table, names in first.names.items():
        others = second.names.get(table, ())
        for change, some in (("missing", set(names) - set(others)), ("added", set(others) - set(names))):
            if some:
                shown = tuple(sorted(some)[:10])
                found.append(Difference(table=table, change=change, rows=len(some), keys=shown))  # type: ignore[arg-type]
    return found


def _count(first: Fingerprint, second: Fingerprint, table: str) -> list[Difference]:
    """Compare the number of grants; they refer to permissions by numbers that differ each time."""
    more = second.sums[table].rows - first.sums[table].rows
    if not more or table in BOOKKEEPING:
        return []
    return [Difference(table=table, change="added" if more > 0 else "missing", rows=abs(more))]
