"""What a way back lost: content from before, late writes, and the schema."""

from __future__ import annotations

from dataclasses import dataclass

from harness.databases.comparison import Difference, compare, find_reset_sequences, group
from harness.databases.fingerprint import Fingerprint
from harness.databases.reader import Key
from harness.databases.row_changes import find_row_changes
from harness.databases.schema import SchemaChange, compare_schemas
from harness.probes.way_back.late_writes import LateWrites
from harness.probes.way_back.names import Names


@dataclass
class Losses:
    """What differs after going backward.

    `lost` is content from before that is gone or altered, `late` are late writes that are, `left` rows that were not
    there before and that nobody wrote, `schema` objects that are not as they were.
    """

    lost: list[Difference]
    late: list[Difference]
    left: list[Difference]
    schema: list[SchemaChange]


def find_losses(before: Fingerprint, late: LateWrites, back: Fingerprint, names: Names) -> Losses:
    """Compare what is there after going backward with what was there before, and with the late writes."""
    comparison = compare(before, back, ignore=known_keys(late, names))
    resets = {each.about: each for each in comparison.differences if each.change == "reset"}
    resets |= {each.about: each for each in find_reset_sequences(late.fingerprint, back, names.back)}
    lost = [each for each in comparison.differences if each.change not in ("added", "reset")]
    return Losses(
        lost=[*lost, *resets.values()],
        late=find_late_losses(before, late, back, names),
        left=[each for each in comparison.differences if each.change == "added"] + comparison.grown,
        schema=compare_schemas(before.schema, back.schema),
    )


def find_late_losses(before: Fingerprint, late: LateWrites, now: Fingerprint, names: Names) -> list[Difference]:
    """Find late writes that are gone or altered in the tables and columns that the old release knows."""
    return [
        difference
        for table, keys in late.keys.items()
        if names.knows(table)
        for difference in _late_losses(before, late, now, table, keys, names)
    ]


def known_keys(late: LateWrites, names: Names) -> dict[str, set[Key]]:
    """Return the late writes in tables that the old release knows, by their names there."""
    return {names.before(table): keys for table, keys in late.keys.items() if names.knows(table)}


def _late_losses(
    before: Fingerprint, late: LateWrites, now: Fingerprint, table: str, keys: set[Key], names: Names
) -> list[Difference]:
    old = names.before(table)
    is_back = old in now.schema.tables
    present = old if is_back else table
    if present not in now.schema.tables:
        return [Difference(table=old, change="dropped", rows=len(keys))]
    if present not in now.sums:
        return []  # the caller restricted what is read
    changes = find_row_changes(late.fingerprint, now, table, renamed=names.back if is_back else {})
    mine = (names.restrict(change, table, known=True) for change in changes if change.key in keys)
    return group(before.schema.tables[old], (change for change in mine if change))
