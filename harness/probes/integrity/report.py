"""Puts what the probe "integrity" saw into words and numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from harness.databases.comparison import Comparison, Difference
from harness.databases.fingerprint import Fingerprint
from harness.evidence import Evidence, Finding, Measurement
from harness.probes.stepwise import migration_file
from harness.probes.world import World
from harness.words import number

_WORDS = {
    "altered": "{rows} of {about} {have} another value{keys}",
    "missing": "{rows} of {about} {are} gone{keys}",
    "added": "{about} has {more}{keys}",
    "dropped": "{about} is gone, with the content of {rows}",
    "reset": "the sequence of {about} went backward: inserts will take keys that were used before",
}
_CODES = {"dropped": "content-dropped", "reset": "sequence-reset"}


def describe(difference: Difference) -> str:
    """Say in words what differs, with the number of rows and the first keys; never with content."""
    keys = f" (primary keys {', '.join(difference.keys)}{', ...' if difference.rows > len(difference.keys) else ''})"
    return _WORDS[difference.change].format(
        rows=number(difference.rows, "row"),
        more=number(difference.rows, "more row"),
        about=difference.about,
        have="has" if difference.rows == 1 else "have",
        are="is" if difference.rows == 1 else "are",
        keys=keys if difference.keys else "",
    )


@dataclass
class Report:
    """All that was seen; `evidence` says it."""

    world: World
    before: Fingerprint
    after: Fingerprint
    comparison: Comparison
    undeclared: list[Difference]
    declared: list[Difference]
    unused: list[str]
    culprits: dict[str, str]

    def evidence(self) -> Evidence:
        """Return the evidence of the probe."""
        return Evidence(
            probe="integrity",
            outcome="measured",
            summary=self._summary(),
            measurements=self._measurements(),
            findings=[*map(self._finding, self.undeclared), *map(_unused, self.unused)],
            details={"tables": self._tables()},
        )

    def _summary(self) -> str:
        head = f"{len(self.before.sums)} tables, {self.before.rows:,} rows, "
        intended = f", {_rows(self.declared):,} rows changed as intended" if self.declared else ""
        if not self.undeclared:
            return f"{head}0 differences{intended}"
        places = list(dict.fromkeys(each.about for each in self.undeclared))
        more = f" and {len(places) - 1} more" if len(places) > 1 else ""
        return f"{head}{number(_rows(self.undeclared), 'difference')} in {places[0]}{more}{intended}"

    def _measurements(self) -> list[Measurement]:
        found = [
            Measurement(name="tables", value=len(self.before.sums)),
            Measurement(name="rows", value=self.before.rows),
            Measurement(name="intended changes", value=_rows(self.declared)),
            Measurement(name="schema changes", value=len(self.comparison.schema)),
        ]
        return found + count_by_subject("differences", self.undeclared)

    def _finding(self, difference: Difference) -> Finding:
        culprit = self.culprits.get(difference.about, "")
        by = f"; migration {culprit} did it" if culprit else ""
        return Finding(
            code=_CODES.get(difference.change, "content-changed"),
            severity="high",
            about=difference.about,
            why=describe(difference) + by,
            remedy="Correct the migration, or declare the change in the options of the probe: "
            f'changes = ["{difference.about}"].',
            file=migration_file(self.world, culprit) if culprit else "",
        )

    def _tables(self) -> list[dict[str, Any]]:
        rows: list[list[Any]] = []
        for name, sums in sorted(self.before.sums.items()):
            now = self.after.sums.get(self.comparison.renamed.get(name, name))
            found = [each for each in self.comparison.differences if each.table == name]
            added = _rows([each for each in self.comparison.grown if each.table == name])
            note = "; ".join([*map(describe, found), *([f"{added:,} rows of Django's own added"] if added else [])])
            rows.append([name, sums.rows, now.rows if now else None, len(sums.columns), note or "the same"])
        return [
            {
                "title": "Content from before the phase",
                "columns": ["table", "rows before", "rows after", "columns", "compared"],
                "rows": rows,
            },
            {
                "title": "What the phase did to the schema",
                "columns": ["object", "change"],
                "rows": [[each.name, each.change] for each in self.comparison.schema],
            },
            {
                "title": "Content found whole under a new name",
                "columns": ["before", "after"],
                "rows": [[old, new] for old, new in sorted(self.comparison.renamed.items())],
            },
        ]


def count_by_subject(name: str, differences: list[Difference]) -> list[Measurement]:
    """Return one number of rows per table or column that differs, or a single 0; what has no rows counts as one."""
    totals: dict[str, int] = {}
    for difference in differences:
        totals[difference.about] = totals.get(difference.about, 0) + max(difference.rows, 1)
    if not totals:
        return [Measurement(name=name, value=0, unit="rows")]
    return [Measurement(name=name, value=value, unit="rows", about=about) for about, value in totals.items()]


def _unused(pattern: str) -> Finding:
    return Finding(
        code="declared-change-missing",
        severity="low",
        about=pattern,
        why=f"the options declare that {pattern} changes, but it did not",
        remedy="Remove it from the options, or find out why the migration did nothing.",
    )


def _rows(differences: list[Difference]) -> int:
    return sum(max(difference.rows, 1) for difference in differences)
