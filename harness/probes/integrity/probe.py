"""The probe "integrity"."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import ClassVar

from harness.databases import Database
from harness.databases.comparison import Difference, compare
from harness.databases.fingerprint import Fingerprint, take_fingerprint
from harness.errors import ProbeError
from harness.evidence import Evidence
from harness.probes.integrity.report import Report
from harness.probes.integrity.values import values
from harness.probes.probe import Options, Probe
from harness.probes.stepwise import blame_forward
from harness.probes.world import World


class IntegrityOptions(Options, frozen=True, kw_only=True):
    """`changes` are what the phase means to change: "table.column", or "table" for whole rows (fnmatch patterns)."""

    changes: list[str] = []


class Integrity(Probe[IntegrityOptions]):
    """Fingerprints the database before and after the phase: all content from before must still be the same."""

    name: ClassVar[str] = "integrity"
    title: ClassVar[str] = "all content from before the phase is still the same, to the row"
    options: ClassVar[type[Options]] = IntegrityOptions
    measures: ClassVar[dict[str, str]] = {
        "tables": "tables from before that were compared",
        "rows": "rows from before that were compared",
        "differences": "rows that differ and were not meant to, per column or table; one 0 when there are none",
        "intended changes": "rows that differ where the options declare it",
        "schema changes": "tables, columns, indexes and other objects that the phase added, changed or removed",
    }

    def measure(self, world: World, options: IntegrityOptions) -> Evidence:
        """Compare before and after; where something differs, find the migration that did it."""
        world.progress(self.name, "reading the database before the phase")
        before = take_fingerprint(world.before())
        if not before.sums:
            raise ProbeError("The database before the phase has no tables; check [source] in rollout.toml.")
        world.progress(self.name, "reading the database after the phase")
        after = take_fingerprint(world.after(), like=before.schema)
        comparison = compare(before, after)
        if world.show:
            for line in values(before, after, comparison):
                world.show(line)
        declared = [each for each in comparison.differences if _is_declared(each, options)]
        undeclared = [each for each in comparison.differences if each not in declared]
        unused = [
            pattern for pattern in options.changes if not any(fnmatchcase(each.about, pattern) for each in declared)
        ]
        culprits = _find_culprits(world, before, after, undeclared) if undeclared else {}
        return Report(world, before, after, comparison, undeclared, declared, unused, culprits).evidence()


def _is_declared(difference: Difference, options: IntegrityOptions) -> bool:
    return any(fnmatchcase(difference.about, pattern) for pattern in options.changes)


def _find_culprits(
    world: World, before: Fingerprint, after: Fingerprint, differences: list[Difference]
) -> dict[str, str]:
    """Repeat the migrations one at a time and see after which of them each difference is there."""
    tables = {difference.table for difference in differences}
    done = set(before.migrations)
    applied = [migration for migration in after.migrations if migration not in done]

    def look(database: Database) -> set[str]:
        now = take_fingerprint(database, like=before.schema, tables=tables)
        return {difference.about for difference in compare(before, now).differences}

    world.progress("integrity", "looking for the migration that changed content")
    return blame_forward(world, before.database, applied, look)
