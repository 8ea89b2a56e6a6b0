"""Everything that follows from what was measured about one migration that was rehearsed as a release of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from harness.evidence import Finding, Severity
from harness.probes.migrations import culprits, refusals, remedies
from harness.probes.migrations.facts import Change, Migration, Rehearsal, Rehearsed, RoundTrip, Step
from harness.probes.migrations.hazards import Hazards
from harness.words import number

_DRIFT_SEVERITY: dict[str, Severity] = {
    "drift-table-missing": "high",
    "drift-column-missing": "high",
    "drift-not-null": "high",
    "drift-default": "high",
    "drift-unique-missing": "high",
    "drift-index-missing": "low",
}
_CATALOG: dict[str, tuple[Severity, str, str]] = {
    "foreign-key-without-index": (
        "low",
        "no index of {table} begins with {column}, the columns of foreign key {name}: deleting or updating a parent "
        "reads the whole table",
        "Leave db_index on, or add an index with AddIndexConcurrently.",
    ),
    "key-of-32-bits": (
        "low",
        "the key {column} of {table} has 32 bits: it runs out at 2,147,483,647 rows, and widening it rewrites the "
        "table and all that point at it",
        "Use BigAutoField: DEFAULT_AUTO_FIELD = 'django.db.models.BigAutoField'.",
    ),
    "invalid-index": (
        "high",
        "index {name} of {table} is invalid: every write maintains it and no query uses it",
        "Drop it (DROP INDEX CONCURRENTLY {name}) and build it again.",
    ),
}
_TOGETHER = (
    "Restore from the backup, or keep the old content beside the new one until the way back is no longer needed."
)
_KEEP_RULE = (
    "Let the new release keep the old rule (in its forms or serializers) until the way back is no longer needed."
)


def judge(rehearsed: Rehearsed, root: Path) -> list[Finding]:
    """Return all findings about one migration; paths are relative to `root`."""
    there = Hazards(rehearsed.forward, rehearsed.forward.tables, root)
    found = [
        *there.failure(),
        *_refused_rows(rehearsed, there),
        *there.blocking(),
        *there.old_code(),
        *there.irreversible(),
    ]
    found += [*_drift(rehearsed, there), *_catalog(rehearsed, there), *_left_behind(rehearsed, there)]
    if rehearsed.round_trip:
        found += _way_back(rehearsed, rehearsed.round_trip, there, root)
    return list(dict.fromkeys(found))


def _refused_rows(rehearsed: Rehearsed, there: Hazards) -> Iterator[Finding]:
    """Yield a finding where it failed on rows that the rehearsal made up: any row will do, or only some."""
    failure = rehearsed.refused_rows
    if failure is None:
        return
    step = next((each for each in rehearsed.migration.operations if each.index == failure.index), None)
    needs = refusals.rows_needed(failure)
    said = f"{failure.kind}: {failure.message}"
    said += f", in the statement {failure.statement!r}" if failure.statement else ""
    some = (
        "it works, but would fail if there were rows such as the rehearsal made up (the models of before allow them; "
        "whether production has any is not known)"
    )
    yield finding(
        there,
        rehearsed.migration,
        step,
        code="migration-fails" if needs else "fails-on-some-rows",
        severity="high" if needs else "low",
        why=f"{f'it fails as soon as the table has {needs}' if needs else some}: {said}",
        remedy=refusals.remedy(failure),
        example="" if needs else refusals.query(failure),
    )


def _way_back(rehearsed: Rehearsed, trip: RoundTrip, there: Hazards, root: Path) -> Iterator[Finding]:
    forward, failure = rehearsed.forward, trip.backward.failure
    backward = Rehearsal("backward", forward.database, forward.tables, [trip.backward], failure)
    back = Hazards(backward, forward.tables, root)
    yield from back.failure()
    yield from back.blocking()
    yield from _content(rehearsed.migration, trip.changes, there)
    yield from _late(rehearsed.migration, trip, there)
    yield from _new_code(rehearsed.migration, trip, there)


def _content(migration: Migration, changes: list[Change], there: Hazards) -> Iterator[Finding]:
    for what, verb in (("lost", "loses"), ("altered", "alters")):
        for change in _first_per_table(each for each in changes if each.what == what):
            yield finding(
                there,
                migration,
                culprits.find(migration, change.table, change.column),
                code=f"way-back-{verb}-content",
                severity="medium",
                why=f"after going forward and back again {_place(change)} {_is(change)} {what}",
                remedy=_TOGETHER,
                way_back=True,
            )


def _late(migration: Migration, trip: RoundTrip, there: Hazards) -> Iterator[Finding]:
    if trip.refused:
        step = next((each for each in migration.operations if each.index == trip.refused.index), None)
        yield finding(
            there,
            migration,
            step,
            code="late-writes-refused",
            severity="medium",
            why="going back is refused as soon as the new release has written rows that the old schema does not take: "
            f"{trip.refused.message}",
            remedy=_KEEP_RULE,
            way_back=True,
        )
    for change in _first_per_table(trip.late_changes):
        yield finding(
            there,
            migration,
            culprits.find(migration, change.table, change.column),
            code=f"late-writes-{change.what}",
            severity="medium",
            why="going back succeeds, but of what the new release wrote meanwhile "
            f"{_place(change)} {_is(change)} {change.what}",
            remedy=_KEEP_RULE,
            way_back=True,
        )


def _new_code(migration: Migration, trip: RoundTrip, there: Hazards) -> Iterator[Finding]:
    """Yield a finding where neither release works on the other's schema: no order of going back is free of errors."""
    old = migration.old_code.failures if migration.old_code else []
    new = trip.new_code.failures if trip.new_code else []
    if not old or not new:
        return
    first = new[0]
    column = f" ({first.column})" if first.column else ""
    yield finding(
        there,
        migration,
        culprits.find(migration, first.table, first.column),
        code="no-order-of-going-back",
        severity="medium",
        why=f"old code fails on the new schema, and new code cannot {first.verb} {first.table}{column} on the old one: "
        "whichever goes back first, there are errors until the other has followed",
        remedy=remedies.for_old_code("read", ""),
        way_back=True,
    )


def _drift(rehearsed: Rehearsed, there: Hazards) -> Iterator[Finding]:
    migration = rehearsed.migration
    for each in rehearsed.drift:
        yield finding(
            there,
            migration,
            culprits.find(migration, each.table, each.column),
            code=each.code,
            severity=_DRIFT_SEVERITY.get(each.code, "medium"),
            why=f"after it the table {each.table} is not what the models say: {each.what}",
            remedy="Let the state and the database change together, or bring the other half in the same release.",
        )


def _catalog(rehearsed: Rehearsed, there: Hazards) -> Iterator[Finding]:
    migration = rehearsed.migration
    for each in rehearsed.catalog:
        severity, why, remedy = _CATALOG[each.code]
        words = {"name": each.name, "table": each.table, "column": each.column}
        yield finding(
            there,
            migration,
            culprits.find(migration, each.table, each.column, each.name),
            code=each.code,
            severity=severity,
            why=why.format(**words),
            remedy=remedy.format(**words),
        )


def _left_behind(rehearsed: Rehearsed, there: Hazards) -> Iterator[Finding]:
    migration = rehearsed.migration
    for each in rehearsed.left_behind:
        generic = f", and rows with generic relations in {', '.join(each.generic)}" if each.generic else ""
        permissions = "its permissions, which users and groups keep while they lack the new ones" if (
            each.permissions) else "whatever points at it"  # fmt: skip
        yield finding(
            there,
            migration,
            culprits.find(migration, each.table, each.new.partition(".")[2]),
            code="content-types-left-behind",
            severity="medium",
            why=f"the model {each.old} becomes {each.new}, but its content type stays {each.old}: with it {permissions}"
            f"{generic}",
            remedy="Copy content type and permissions in the same migration; remove the old ones when the old release "
            "is gone.",
        )


def finding(
    there: Hazards,
    migration: Migration,
    step: Step | None,
    *,
    code: str,
    severity: Severity,
    why: str,
    remedy: str,
    way_back: bool = False,
    example: str = "",
) -> Finding:
    """Make a finding about one operation, or about the whole migration where no operation is named."""
    return Finding(
        code=code,
        severity=severity,
        about=migration.about(step) if step else migration.name,
        why=why,
        remedy=remedy,
        side="way back" if way_back else "forward",
        file=there.path(migration.file),
        line=step.line if step else 0,
        example=example,
    )


def _first_per_table(changes: Iterable[Change]) -> list[Change]:
    """Keep one change for each table, column and kind, rows that are gone before columns."""
    found: dict[tuple[str, str], Change] = {}
    for each in sorted(changes, key=lambda change: (change.column, change.table)):
        found.setdefault((each.table, each.column), each)
    return list(found.values())


def _place(change: Change) -> str:
    rows = f"{number(change.rows, 'row')} of {change.table}"
    return f"column {change.column} in {rows}" if change.column else rows


def _is(change: Change) -> str:
    return "is" if change.column or change.rows == 1 else "are"
