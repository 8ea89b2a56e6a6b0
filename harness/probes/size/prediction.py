"""Two rehearsals, on no rows and on those that are there, give a straight line; production's rows are put into it.

What a migration reads, writes, logs and waits for grows with the tables that its operations work on: a table that is
rewritten, scanned, indexed or whose rows are read or written. The cost at n rows is that on no rows plus n times what
one row costs. Where an operation works on several tables, the one that grows most is taken for all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from harness.probes.migrations.facts import Facts, Migration, Rehearsal, Step

LEAST_ROWS = 10_000
MOST_TIMES = 1_000


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """What an operation costs: rows written, write-ahead log in bytes, and seconds of work and of blocking others."""

    rows_written: float
    wal_bytes: float
    seconds: float
    blocking: float


class Prediction(msgspec.Struct, frozen=True, kw_only=True):
    """The cost of one operation, measured here and at the rows that are asked for; `times` is how much it grows.

    `table` is the one that makes it grow ("" where it does not), `rows` how many that has here, `doubt` why the figure
    must not be believed.
    """

    about: str
    here: Cost
    there: Cost
    table: str = ""
    rows: int = 0
    wanted: float = 0
    times: float = 1
    doubt: str = ""


def predict(nothing: Rehearsal, full: Rehearsal, wanted: Mapping[str, float]) -> list[Prediction]:
    """Predict every operation that ran in both rehearsals; `wanted` are production's rows by table."""
    without = {(each.name, step.index): step.facts for each, step in _steps(nothing)}
    return [
        _predict(migration, step, without.get((migration.name, step.index)), full.tables, wanted)
        for migration, step in _steps(full)
        if step.facts
    ]


def _steps(rehearsal: Rehearsal) -> Iterator[tuple[Migration, Step]]:
    for migration in rehearsal.migrations:
        for step in migration.operations:
            yield migration, step


def _predict(
    migration: Migration, step: Step, nothing: Facts | None, rows: Mapping[str, int], wanted: Mapping[str, float]
) -> Prediction:
    facts = step.facts or Facts(0.0, [])
    here, about = _cost(facts), migration.about(step)
    table = _growing(facts, migration.renamed, rows, wanted)
    if not table or nothing is None:
        return Prediction(about=about, here=here, there=here)
    times = wanted[table] / rows[table] if rows[table] else 0.0
    return Prediction(
        about=about,
        here=here,
        there=_line(_cost(nothing), here, times) if rows[table] else here,
        table=table,
        rows=rows[table],
        wanted=wanted[table],
        times=times,
        doubt=_doubt(table, rows[table], wanted[table]),
    )


def _growing(facts: Facts, renamed: Mapping[str, str], rows: Mapping[str, int], wanted: Mapping[str, float]) -> str:
    """Return the table that grows most among those that an operation works on, by its name from before the phase."""
    worked = [*facts.rewrites, *facts.scans, *(build.table for build in facts.index_builds)]
    worked += [table for table, done in facts.rows.items() if done.read + done.inserted + done.updated + done.deleted]
    tables = {renamed.get(table, table) for table in worked} & wanted.keys() & rows.keys()
    return max(sorted(tables), key=lambda table: wanted[table] / max(rows[table], 1), default="")


def _cost(facts: Facts) -> Cost:
    return Cost(
        rows_written=facts.rows_written,
        wal_bytes=facts.wal_bytes,
        seconds=facts.seconds,
        blocking=facts.longest_block,
    )


def _line(nothing: Cost, here: Cost, times: float) -> Cost:
    """Put the straight line through both costs; no cost is below that on no rows."""
    fields = Cost.__struct_fields__
    start, end = ([getattr(cost, name) for name in fields] for cost in (nothing, here))
    return Cost(**{name: a + max(b - a, 0.0) * times for name, a, b in zip(fields, start, end, strict=True)})


def _doubt(table: str, rows: int, wanted: float) -> str:
    if rows < LEAST_ROWS and wanted > rows:
        return f"{table} has {rows:,} rows here; for a prediction it needs {LEAST_ROWS:,}"
    if wanted > rows * MOST_TIMES:
        return f"{table} is to be {wanted / rows:,.0f} times as large as here; rehearse with more rows"
    return ""
