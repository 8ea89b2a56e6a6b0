"""What follows from the facts: work that grows with a table under a lock that blocks, and old code that fails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.evidence import Finding, Severity
from harness.probes.migrations import failures, remedies, safe_forms, transactions
from harness.probes.migrations.facts import SELECT, WRITES, Facts, Migration, OldCodeFailure, Rehearsal, Step
from harness.probes.migrations.source import shown
from harness.words import number

FEW_ROWS = 100
_DATA = ("RunPython", "RunSQL")
_SCHEMA_LOCKS = ("Share", "ShareRowExclusive", "Exclusive", "AccessExclusive")
SHARE = 0.1
LARGE_BATCH = 5000


@dataclass(frozen=True)
class Work:
    """Something that an operation did to a table and that takes longer the larger the table is."""

    code: str
    table: str
    words: str


class Hazards:
    """Finds the hazards of one direction; `tables` are the rows of every table before the phase."""

    def __init__(self, rehearsal: Rehearsal, tables: dict[str, int], root: Path) -> None:
        self._rehearsal = rehearsal
        self._tables = tables
        self._root = root
        self._backward = rehearsal.direction == "backward"
        # Both directions may do the same to one table, and not every format tells them apart.
        self._direction = "going back, " if self._backward else ""

    def blocking(self) -> list[Finding]:
        """Return a finding for every table that an operation works on while it keeps others from it."""
        return [finding for migration in self._rehearsal.migrations for finding in self._of_migration(migration)]

    def old_code(self) -> list[Finding]:
        """Return a finding for everything that old code can no longer do."""
        return [
            self._old_code_finding(migration, failure)
            for migration in self._rehearsal.migrations
            if migration.old_code
            for failure in migration.old_code.failures
        ]

    def irreversible(self) -> list[Finding]:
        """Return a finding for every operation that says it has no reverse."""
        return [
            self._finding(
                migration,
                step,
                code="irreversible",
                why=f"{step.kind} has no reverse: Django refuses to unapply {migration.name}",
                remedy=remedies.for_way_back(irreversible=True),
                way_back=True,
            )
            for migration in self._rehearsal.migrations
            for step in migration.operations
            if not step.reversible
        ]

    def failure(self) -> list[Finding]:
        """Return a finding where the plan broke off: which statement, why, and what state is left."""
        broken = self._rehearsal.failure
        if broken is None or (self._backward and broken.irreversible):
            return []
        about = f"{broken.app}.{broken.migration}"
        about += f"[{broken.index}] {broken.describe}" if broken.index is not None else ""
        outside = failures.is_outside(broken)
        return [
            Finding(
                code="backward-fails" if self._backward else failures.code(broken),
                severity="high",
                about=about,
                why=failures.explain(broken),
                remedy=remedies.for_failure(broken.kind, broken.left, broken.invalid_indexes, outside=outside),
                example=safe_forms.OUTSIDE if outside else "",
                side="way back" if self._backward else "forward",
                file=self.path(broken.file),
                line=broken.line,
            )
        ]

    def path(self, file: str) -> str:
        """Return a migration's file relative to the rollout's folder."""
        return shown(file, self._root)

    def _of_migration(self, migration: Migration) -> Iterator[Finding]:
        for step in migration.operations:
            if step.facts is None:
                continue
            for work in self._works(migration, step.facts):
                yield from self._judge(migration, step, step.facts, work)
            yield from self._bulk(migration, step, step.facts)
            yield from self._ended(migration, step, step.facts)
        yield from self._mixed(migration)

    def _ended(self, migration: Migration, step: Step, facts: Facts) -> Iterator[Finding]:
        """Yield a finding for every time that the operation ended the transaction in which Django runs it."""
        for end in facts.transaction_ends:
            severity, why = transactions.explain(migration, step, end)
            yield self._finding(
                migration,
                step,
                code=transactions.CODE,
                why=why,
                remedy=transactions.REMEDY,
                severity="medium" if self._backward else severity,
            )

    def _mixed(self, migration: Migration) -> Iterator[Finding]:
        """Yield a finding where one transaction changes a share of a table's rows and alters tables that exist."""
        steps = [(step, step.facts) for step in migration.operations if step.facts] if migration.atomic else []
        data = [step for step, facts in steps if step.kind in _DATA and self._bulk_tables(migration, facts)]
        schema = [
            (step, table)
            for step, facts in steps
            for table, mode in facts.locks.items()
            if mode in _SCHEMA_LOCKS and self._rows(migration, table) is not None and step not in data
        ]
        if data and schema:
            other, table = schema[0]
            yield self._finding(
                migration,
                data[0],
                code="data-mixed-with-schema",
                severity="medium",
                why=f"it changes rows in the transaction in which [{other.index}] {other.describe} locks {table}: one "
                "has to wait for the other, and both are undone if either fails",
                remedy=remedies.SEPARATE,
            )

    def _bulk_tables(self, migration: Migration, facts: Facts) -> list[str]:
        return [
            table
            for table, rows in facts.rows.items()
            if self._is_bulk(migration, table, rows.inserted + rows.updated + rows.deleted)
        ]

    def _works(self, migration: Migration, facts: Facts) -> Iterator[Work]:
        """Yield the heaviest work on each table: a rewrite includes its index builds, a build its scan."""
        seen: set[str] = set()
        listed = [("rewrite", table, f"rewrites {table}") for table in facts.rewrites]
        listed += [
            ("index-build", each.table, f"builds index {each.index} on {each.table}") for each in facts.index_builds
        ]
        listed += [("scan", table, f"reads all of {table} to check it") for table in facts.scans]
        for code, table, words in listed:
            if table not in seen and self._rows(migration, table) is not None:
                seen.add(table)
                yield Work(code, table, words)
        for table, rows in facts.rows.items():
            touched = max(rows.read, rows.inserted, rows.updated, rows.deleted)
            if table not in seen and not listed and self._is_bulk(migration, table, touched) and _has_content(facts):
                yield Work("rows", table, f"reads or writes {touched:,} rows of {table}")

    def _judge(self, migration: Migration, step: Step, facts: Facts, work: Work) -> Iterator[Finding]:
        blocked = self._blocked(migration, facts)
        own = blocked.get(work.table, []) if work.table in facts.locks and work.code != "rows" else []
        if not blocked:
            return
        code = (
            f"{work.code}-blocks-{'reads' if SELECT in own else 'writes'}" if own else self._inherited(migration, step)
        )
        empty = not self._rows(migration, work.table)
        others = {table: verbs for table, verbs in blocked.items() if table != work.table or not own}
        yield self._finding(
            migration,
            step,
            code=code,
            severity="low" if empty else "medium" if self._backward else "high",
            why=self._why(migration, facts, work, own, others, empty=empty),
            remedy=remedies.for_way_back(irreversible=False)
            if self._backward
            else remedies.for_work(code, step.kind, work.code, _sql(step)),
            work=work.code,
        )

    def _inherited(self, migration: Migration, step: Step) -> str:
        """Return the code of work under the lock of an earlier operation; validating a new constraint has its own."""
        added = [sql for each in migration.operations[: step.index] for sql in _sql(each) if "NOT VALID" in sql.upper()]
        validated = any("VALIDATE CONSTRAINT" in sql.upper() for sql in _sql(step))
        return "validated-in-the-same-transaction" if validated and added else "slow-work-under-lock"

    def _why(
        self,
        migration: Migration,
        facts: Facts,
        work: Work,
        own: list[str],
        others: dict[str, list[str]],
        *,
        empty: bool,
    ) -> str:
        said = f"{self._direction}it {work.words}"
        if own:
            said += f" under {facts.locks[work.table]}, which blocks {_verbs(own)} on it until commit"
        alike: dict[tuple[str, str, str], list[str]] = {}
        for table, verbs in others.items():
            holder = "" if table in facts.locks else f", taken by another operation of {migration.name},"
            alike.setdefault((facts.locks_in_force[table], holder, _verbs(verbs)), []).append(table)
        elsewhere = [
            f"{mode} on {', '.join(tables)}{holder} blocks {verb} there"
            for (mode, holder, verb), tables in alike.items()
        ]
        if elsewhere:
            said += f"{', and' if own else ' while'} {', and '.join(elsewhere)}"
        rows = self._rows(migration, work.table) or 0
        counted = f"{work.table} has {number(rows, 'row')} here"
        size = "it was empty in this rehearsal" if empty else counted
        return f"{said}; the time grows with the table ({size})"

    def _bulk(self, migration: Migration, step: Step, facts: Facts) -> Iterator[Finding]:
        """Yield a finding for rows that one transaction keeps locked, in a number that grows with the table."""
        for table, rows in facts.rows.items():
            changed = rows.updated + rows.deleted
            if not self._is_bulk(migration, table, changed) or facts.largest_transaction < min(changed, LARGE_BATCH):
                continue
            if migration.atomic or facts.largest_transaction >= LARGE_BATCH:
                yield self._finding(
                    migration,
                    step,
                    code="rows-written-in-one-transaction",
                    severity="medium",
                    why=f"{self._direction}one transaction changes {changed:,} rows of {table}"
                    f"{_of(self._rows(migration, table), changed)}, "
                    "and keeps them locked until it commits: UPDATE and DELETE of those rows wait, the longer the more",
                    remedy=remedies.for_work("rows-written-in-one-transaction", step.kind),
                )

    def _is_bulk(self, migration: Migration, table: str, count: int) -> bool:
        rows = self._rows(migration, table)
        return rows is not None and count >= max(FEW_ROWS, SHARE * rows)

    def _rows(self, migration: Migration, table: str) -> int | None:
        """Return the rows that a table had before the phase, None where it is new and nobody uses it yet."""
        return self._tables.get(migration.renamed.get(table, table))

    def _blocked(self, migration: Migration, facts: Facts) -> dict[str, list[str]]:
        """Return what is blocked while an operation works, as the operation that took each lock measured it."""
        found: dict[str, list[str]] = {}
        for table, mode in facts.locks_in_force.items():
            takers = [step.facts for step in migration.operations if step.facts and step.facts.locks.get(table) == mode]
            verbs = next((taker.blocks[table] for taker in takers if table in taker.blocks), [])
            if verbs and self._rows(migration, table) is not None:
                found[table] = verbs
        return found

    def _old_code_finding(self, migration: Migration, failure: OldCodeFailure) -> Finding:
        steps = [step for step in migration.operations if step.index == failure.index]
        culprit = f"column {failure.column} of " if failure.column else ""
        kind = steps[0].kind if steps and failure.case != "defaults of the database" else ""
        return Finding(
            code=f"old-code-cannot-{failure.verb}",
            severity="high",
            about=migration.about(steps[0]) if steps else migration.name,
            why=f"old code cannot {failure.verb} {culprit}{failure.table} (model {failure.model}, {failure.case}): "
            f"{failure.reason}",
            remedy=remedies.for_old_code(failure.verb, failure.sqlstate, kind),
            file=self.path(migration.file),
            line=steps[0].line if steps else 0,
            example=safe_forms.write(f"old-code-cannot-{failure.verb}", steps[0]) if steps else "",
        )

    def _finding(
        self,
        migration: Migration,
        step: Step,
        *,
        code: str,
        why: str,
        remedy: str,
        severity: Severity = "high",
        way_back: bool = False,
        work: str = "rows",
    ) -> Finding:
        return Finding(
            code=code,
            severity=severity,
            about=migration.about(step),
            why=why,
            remedy=remedy,
            side="way back" if way_back or self._backward else "forward",
            file=self.path(migration.file),
            line=step.line,
            example="" if self._backward else safe_forms.write(code, step, work),
        )


def _sql(step: Step) -> list[str]:
    return [each.sql for each in step.facts.statements] if step.facts else []


def _has_content(facts: Facts) -> bool:
    """Tell whether an operation reads or writes rows itself; what altering a table reads are scans and builds."""
    return any(re.match(r"\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH|MERGE|COPY|DO|CALL)\b", each.sql, re.IGNORECASE)
               for each in facts.statements)  # fmt: skip


def _verbs(verbs: list[str]) -> str:
    if SELECT in verbs:
        return "reads and writes"
    return "writes" if set(WRITES) <= set(verbs) else ", ".join(verbs)


def _of(rows: int | None, changed: int) -> str:
    """Say how many rows there were; a migration may change more than that, its own and those written after it."""
    return f", which has {rows:,}" if rows and rows >= changed else ""
