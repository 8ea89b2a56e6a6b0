"""Turns two rehearsals, forward and backward, into measurements, tables, facts and the line for the terminal."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from harness.evidence import Finding, Measurement
from harness.probes.migrations import acceptances, document
from harness.probes.migrations.facts import Facts, Migration, Rehearsal, Step
from harness.probes.migrations.hazards import Hazards
from harness.words import number

BLOCKING = ("rewrite-", "scan-", "index-build-", "slow-work-", "rows-written-", "validated-in-")


class Report:
    """What one forward and one backward rehearsal say together; `backward` is None where it was not tried."""

    def __init__(
        self, forward: Rehearsal, backward: Rehearsal | None, hazards: list[Hazards], root: Path, today: date
    ) -> None:
        self.forward = forward
        self.backward = backward
        self.there = hazards[0]
        files = [migration.file for migration in forward.migrations]
        self._judged = acceptances.apply(self._findings(hazards), files, root, today)
        self.findings = self._judged.open

    def measurements(self) -> list[Measurement]:
        """Return what was measured; where the phase broke off, only how far it came."""
        steps = [(migration, step) for migration in self.forward.migrations for step in migration.operations]
        found = [
            Measurement(name="migrations", value=len(self.forward.migrations)),
            Measurement(name="operations", value=len(steps)),
            Measurement(
                name="failures", value=sum(each is not None and each.failure is not None for each in self._both())
            ),
            Measurement(name="irreversible operations", value=self._irreversible(), unit="operations"),
        ]
        found += [
            Measurement(name="seconds", value=round(each.seconds, 6), unit="s", about=each.name)
            for each in self.forward.migrations
        ]
        if self.forward.failure or not self.sees_locks:
            return found
        return found + self._sums([step.facts for _, step in steps if step.facts])

    @property
    def sees_locks(self) -> bool:
        """Tell whether the database gives away what it locks; where it does not, nothing about locks is measured."""
        return self.forward.database["vendor"] == "postgresql"

    def summary(self) -> str:
        """Return the line for the terminal."""
        operations = sum(len(migration.operations) for migration in self.forward.migrations)
        counted = f"{number(len(self.forward.migrations), 'migration')}, {number(operations, 'operation')}"
        if self.forward.failure:
            broken = self.forward.failure
            return f"{counted}, {broken.app}.{broken.migration} fails: {broken.kind}"
        if not self.sees_locks:
            return f"{counted}; {self.forward.database['vendor']} does not tell what it locks"
        hazards = [
            finding for finding in self.findings if finding.code.startswith(BLOCKING) and finding.side == "forward"
        ]
        if hazards:
            return f"{counted}, {number(len(hazards), 'finding')} on work that blocks: {hazards[0].about}"
        return f"{counted}, none blocks longer than {_ceiling(self.longest_block())} ms at this size"

    def longest_block(self) -> float:
        """Return the longest time (ms) for which a table from before the phase was closed to readers or writers."""
        return 1000 * max(
            (self._block(migration, step.facts) for migration, step in self._steps() if step.facts), default=0.0
        )

    def facts(self) -> list[dict[str, Any]]:
        """Return the facts of every operation, both directions side by side, with its hazards."""
        back = {(each.app, each.migration): each for each in self.backward.migrations} if self.backward else {}
        return [
            self._facts(migration, step, back.get((migration.app, migration.migration)))
            for migration, step in self._steps()
        ]

    def tables(self) -> list[dict[str, Any]]:
        """Return the tables of the report: one line per operation and direction, and one per accepted hazard."""
        lines = [_line(migration, step, "forward") for migration, step in self._steps()]
        if self.backward:
            lines += [_line(each, step, "backward") for each in self.backward.migrations for step in each.operations]
        tables = [{"title": "Operations of the migrations", "columns": list(_COLUMNS), "rows": lines}]
        accepted = [
            [finding.code, finding.about, each.until.isoformat(), each.reason]
            for finding, each in self._judged.accepted
        ]
        if accepted:
            columns = ["code", "operation", "until", "reason"]
            tables.append({"title": "Hazards that the migrations' files accept", "columns": columns, "rows": accepted})
        return tables

    def _about(self, about: str) -> list[Finding]:
        return [finding for finding in self.findings if finding.about == about]

    def _accepted(self, about: str) -> list[dict[str, Any]]:
        return [document.accepted(finding, each) for finding, each in self._judged.accepted if finding.about == about]

    def _steps(self) -> list[tuple[Migration, Step]]:
        return [(migration, step) for migration in self.forward.migrations for step in migration.operations]

    def _both(self) -> list[Rehearsal | None]:
        return [self.forward, self.backward]

    def _findings(self, hazards: list[Hazards]) -> list[Finding]:
        found = [finding for each in hazards for finding in [*each.failure(), *each.blocking()]]
        return [*found, *self.there.old_code(), *self.there.irreversible()]

    def _irreversible(self) -> int:
        """Count the operations without a reverse; a reverse that fails when it is tried is none."""
        declared = sum(not step.reversible for _, step in self._steps())
        return max(declared, int(bool(self.backward and self.backward.failure)))

    def _block(self, migration: Migration, facts: Facts) -> float:
        known = [table for table in facts.blocks if migration.renamed.get(table, table) in self.forward.tables]
        return max((facts.held.get(table, 0.0) for table in known), default=0.0)

    def _sums(self, facts: list[Facts]) -> list[Measurement]:
        blocking = {each.about for each in self.findings if each.code.startswith(BLOCKING) and each.severity != "low"}
        blocking &= {migration.about(step) for migration, step in self._steps()}
        forward = {each.about for each in self.findings if each.side == "forward"}
        return [
            Measurement(name="longest block", value=round(self.longest_block(), 3), unit="ms"),
            Measurement(name="blocking operations", value=len(blocking & forward), unit="operations"),
            Measurement(name="rows written", value=sum(each.rows_written for each in facts), unit="rows"),
            Measurement(name="wal bytes", value=sum(each.wal_bytes for each in facts), unit="bytes"),
        ]

    def _facts(self, migration: Migration, step: Step, back: Migration | None) -> dict[str, Any]:
        about = migration.about(step)
        return {
            "app": migration.app,
            "migration": migration.migration,
            "index": step.index,
            "kind": step.kind,
            "describe": step.describe,
            "file": self.there.path(migration.file),
            "line": step.line,
            "forward": msgspec.to_builtins(step.facts),
            "backward": document.backward(step, back),
            "old_code": document.old_code(migration, step),
            "hazards": [*map(document.hazard, self._about(about)), *self._accepted(about)],
        }


_COLUMNS = (
    "direction", "migration", "operation", "locks taken", "blocked until commit", "rewrites", "scans", "index builds",
    "rows read", "rows written", "WAL bytes", "seconds", "longest block (ms)",
)  # fmt: skip


def _line(migration: Migration, step: Step, direction: str) -> list[Any]:
    facts = step.facts
    start: list[Any] = [direction, migration.name, f"[{step.index}] {step.describe}"]
    if facts is None:
        return [*start, "did not run", *[None] * (len(_COLUMNS) - 4)]
    return [
        *start,
        ", ".join(f"{table}: {mode}" for table, mode in facts.locks.items()),
        "; ".join(f"{table}: {', '.join(verbs)}" for table, verbs in facts.blocks.items()),
        ", ".join(facts.rewrites),
        ", ".join(facts.scans),
        ", ".join(each.index for each in facts.index_builds),
        facts.rows_read,
        facts.rows_written,
        facts.wal_bytes,
        round(facts.seconds, 4),
        round(1000 * facts.longest_block, 1),
    ]


def _ceiling(milliseconds: float) -> int:
    """Return the next of 1, 2, 5, 10, 20, 50 ... milliseconds, so that noise does not change the line."""
    step = 1
    while True:
        for factor in (1, 2, 5):
            if milliseconds <= factor * step:
                return factor * step
        step *= 10
