"""Puts what the drill saw into words and numbers."""

from __future__ import annotations

from typing import Any

from harness.databases.comparison import Difference
from harness.databases.schema import SchemaChange
from harness.evidence import Evidence, Measurement
from harness.probes.integrity.report import count_by_subject, describe
from harness.probes.stepwise import migration_file
from harness.probes.way_back.drill import Result
from harness.probes.way_back.findings import Findings
from harness.probes.way_back.journey import Forward, Refusal
from harness.probes.way_back.losses import Losses
from harness.probes.world import World
from harness.words import number


class Report:
    """The evidence of one drill."""

    def __init__(self, world: World, result: Result) -> None:
        self._world = world
        self._result = result

    def evidence(self) -> Evidence:
        """Return the evidence of the probe."""
        return Evidence(
            probe="way back",
            outcome="measured",
            summary=self._summary(),
            unsound=self._result.tried.problems if self._result.tried else [],
            measurements=[*self._always(), *self._compared()],
            findings=Findings(self._result, lambda name: migration_file(self._world, name)).all(),
            details={
                "tables": [self._ways(), *self._steps(), self._late_writes(), *self._reads(), *self._gone()],
            },
        )

    def _summary(self) -> str:
        result = self._result
        restored = f"restore {result.restored.restore_seconds:.1f} s"
        if result.restore.differences or result.restore.schema:
            restored += " with differences"
        if result.losses is None:
            refused = result.backward.refusal.migration if result.backward.refusal else "a migration"
            return f"backward refused by {refused}; {restored}"
        kept = f"{_fates(result.losses, result.known)}{self._without()}; {restored}"
        if result.migrations:
            return f"backward in {result.backward.seconds:.1f} s, {kept}"
        back = self._world.returns_to.name
        served = f"{back} serves again" if back != self._world.serving.name else "nothing to undo"
        return f"{served}: {kept}"

    def _without(self) -> str:
        """Say how much of the late writes the old schema has no place for."""
        names = {each.about for each in self._result.again.gone} if self._result.again else set()
        columns = sum("." in name for name in names)
        parts = [
            number(count, what)
            for count, what in ((columns, "new column"), (len(names) - columns, "new table"))
            if count
        ]
        return f" except in {' and '.join(parts)}" if parts else ""

    def _always(self) -> list[Measurement]:
        """Return what is measured even when a migration refuses to go back."""
        result = self._result
        refusal = result.backward.refusal
        return [
            Measurement(name="migrations", value=len(result.migrations)),
            Measurement(
                name="refused migrations", value=1 if refusal else 0, about=refusal.migration if refusal else ""
            ),
            Measurement(name="late writes", value=result.known, unit="rows"),
            Measurement(name="backup seconds", value=round(result.restored.backup_seconds, 3), unit="s"),
            Measurement(name="restore seconds", value=round(result.restored.restore_seconds, 3), unit="s"),
            *_count("restore differences", result.restore.differences, result.restore.schema),
        ]

    def _compared(self) -> list[Measurement]:
        """Return what can be measured only after going backward."""
        result = self._result
        if result.losses is None or result.tried is None or result.reads is None or result.forward is None:
            return []
        return [
            Measurement(name="backward seconds", value=round(result.backward.seconds, 3), unit="s"),
            *count_by_subject("lost or altered rows", result.losses.lost),
            *count_by_subject("late writes lost or altered", result.losses.late),
            Measurement(name="rows left over", value=sum(each.rows for each in result.losses.left), unit="rows"),
            Measurement(name="schema left over", value=len(result.losses.schema)),
            Measurement(name="operations after going back", value=result.tried.count),
            Measurement(name="failures after going back", value=len(result.tried.failed)),
            Measurement(name="late reads", value=sum(result.reads.shown.values()), unit="requests"),
            *_differing(result.reads.differ),
            Measurement(name="late rows read", value=result.reads.read, unit="rows"),
            *_unreadable(result.reads.unreadable),
            Measurement(name="forward again seconds", value=round(result.forward.seconds, 3), unit="s"),
            *self._forward_again(result.forward.refusal),
        ]

    def _forward_again(self, refusal: Refusal | None) -> list[Measurement]:
        """Count differences; a migration that refuses to be applied again counts as one."""
        name, again = "forward again differences", self._result.again
        if again is None:
            return [Measurement(name=name, value=1, about=refusal.migration)] if refusal else []
        return _count(name, [*again.known, *again.new], again.schema)

    def _ways(self) -> dict[str, Any]:
        result = self._result
        rows: list[list[Any]] = [
            ["backward", len(result.migrations), round(result.backward.seconds, 3), self._outcome_backward()],
            ["backup restored", None, round(result.restored.restore_seconds, 3), _outcome(result.restore.differences)],
        ]
        if result.forward:
            outcome = self._outcome_forward(result.forward)
            rows.insert(1, ["forward again", len(result.migrations), round(result.forward.seconds, 3), outcome])
        return {"title": "The ways", "columns": ["way", "migrations", "seconds", "outcome"], "rows": rows}

    def _steps(self) -> list[dict[str, Any]]:
        """Tell how the drill went back, for whoever has to do it; what did not work is no way."""
        if self._result.backward.refusal or not self._result.migrations:
            return []
        unapplied = ", ".join(reversed(self._result.migrations))
        code = f"with the code of release {self._world.candidate.name!r}, which is the one that knows them"
        rows = [
            [1, f"{code}, unapply exactly these migrations, the newest first: {unapplied}"],
            [2, "run ANALYZE, because tables that were filled on the way have no statistics yet"],
        ]
        return [{"title": "How the drill went back", "columns": ["step", "what to do"], "rows": rows}]

    def _outcome_backward(self) -> str:
        result = self._result
        if result.losses is None:
            refusal = result.backward.refusal
            return f"refused by {refusal.migration}: {refusal.reason}" if refusal else ""
        return _outcome([*result.losses.lost, *result.losses.late])

    def _outcome_forward(self, forward: Forward) -> str:
        if forward.refusal:
            return f"refused by {forward.refusal.migration}: {forward.refusal.reason}"
        again = self._result.again
        return _outcome([*again.known, *again.new]) if again else ""

    def _late_writes(self) -> dict[str, Any]:
        late = self._result.late
        rows: list[list[Any]] = [[table, len(keys), "rows"] for table, keys in sorted(late.keys.items())]
        rows += [[f"operation {name!r}", count, "requests accepted"] for name, count in late.requests.items()]
        rows += [[problem, None, "not tried or refused"] for problem in late.problems]
        return {"title": "Late writes of the new release", "columns": ["where", "number", "what"], "rows": rows}

    def _reads(self) -> list[dict[str, Any]]:
        reads = self._result.reads
        if reads is None:
            return []
        title = "Reads that show late writes, asked of both releases"
        rows = [[name, count, reads.differ[name], reads.how.get(name, "")] for name, count in reads.shown.items()]
        return [{"title": title, "columns": ["operation", "requests", "that differ", "how"], "rows": rows}]

    def _gone(self) -> list[dict[str, Any]]:
        again = self._result.again
        if again is None or not again.gone:
            return []
        title = "What late writes held in new columns, for which the old schema has no place"
        rows = [[each.about, each.rows] for each in again.gone]
        return [{"title": title, "columns": ["column", "rows"], "rows": rows}]


def _count(name: str, rows: list[Difference], objects: list[SchemaChange]) -> list[Measurement]:
    """Return one number per subject that differs, or a single 0; an object of the schema counts as one."""
    changed = [Measurement(name=name, value=1, about=each.name) for each in objects]
    return changed + [each for each in count_by_subject(name, rows) if each.about or not changed]


def _differing(differ: dict[str, int]) -> list[Measurement]:
    name = "late reads that differ"
    found = [
        Measurement(name=name, value=count, unit="requests", about=each) for each, count in differ.items() if count
    ]
    return found or [Measurement(name=name, value=0, unit="requests")]


def _unreadable(failures: list[dict[str, Any]]) -> list[Measurement]:
    name = "late writes unreadable"
    found = [
        Measurement(name=name, value=each["rows"], unit="rows", about=f"{each['table']}.{each['column']}".rstrip("."))
        for each in failures
    ]
    return found or [Measurement(name=name, value=0, unit="rows")]


def _fates(losses: Losses, late_writes: int) -> str:
    """Say what became of the content from before and of the late writes."""
    lost, late = _size(losses.lost), _size(losses.late)
    kept = f"{lost:,} rows lost or altered" if lost else "nothing lost"
    return f"{kept}, " + (f"{late:,} late writes lost or altered" if late else f"{late_writes:,} late writes kept")


def _outcome(differences: list[Difference]) -> str:
    return "; ".join(map(describe, differences)) or "the same, row by row"


def _size(differences: list[Difference]) -> int:
    return sum(max(difference.rows, 1) for difference in differences)
