"""What the two sides say together: measurements, findings, tables and the line for the terminal."""

from __future__ import annotations

from typing import Any

from harness.evidence import Finding, Measurement
from harness.operations import Operation
from harness.probes.queries.side import Side
from harness.queries.growth import LINEAR, Group, Growth, excess
from harness.queries.words import at, at_most
from harness.words import number


class Comparison:
    """The candidate beside the baseline, and beside the serving release where that is a third thing."""

    def __init__(self, operations: list[Operation], baseline: Side, candidate: Side, serving: Side | None) -> None:
        self.operations = operations
        self.baseline = baseline
        self.candidate = candidate
        self.serving = serving

    @property
    def measured(self) -> list[Operation]:
        """The operations that the candidate answered."""
        return [each for each in self.operations if each.name in self.candidate.answers]

    @property
    def over_budget(self) -> list[Operation]:
        """The operations of the candidate that need more queries than they may."""
        return [
            each
            for each in self.measured
            if each.queries.at_most is not None and (self.candidate.count(each.name) or 0) > each.queries.at_most
        ]

    @property
    def growing(self) -> list[Operation]:
        """The operations of the candidate that grow faster than they may."""
        return [each for each in self.measured if self._excess(each)]

    @property
    def problems(self) -> list[str]:
        """What could not be measured, on any side; each reason once."""
        sides = [side for side in (self.candidate, self.baseline, self.serving) if side]
        return list(dict.fromkeys(problem for side in sides for problem in side.problems))

    def measurements(self) -> list[Measurement]:
        """Return all numbers."""
        found = [
            Measurement(name="operations", value=len(self.measured)),
            Measurement(name="over budget", value=len(self.over_budget)),
            Measurement(name="growing operations", value=len(self.growing)),
        ]
        for name, side in (("queries", self.candidate), ("baseline queries", self.baseline)):
            for operation in self.operations:
                count = side.count(operation.name)
                if count is not None:
                    found.append(Measurement(name=name, value=count, about=operation.name))
        if self.candidate.knows_indexes:
            found.append(Measurement(name="unindexed filters", value=len(self._unindexed)))
        for name, answer in self.candidate.answers.items():
            if answer["server_milliseconds"] is not None:
                found.append(
                    Measurement(name="server time", value=answer["server_milliseconds"], unit="ms", about=name)
                )
        return found

    def findings(self) -> list[Finding]:
        """Name every statement that grows and every budget that is exceeded."""
        found = [
            self._n_plus_one(operation, growth, group)
            for operation in self.growing
            for growth, group in self._excess(operation)
        ]
        found += [self._over_budget(operation) for operation in self.over_budget]
        return found + [self._unindexed_filter(*each) for each in self._unindexed]

    def summary(self) -> str:
        """Return one line: how many operations, what is wrong, and the largest change."""
        parts = [number(len(self.measured), "operation")]
        growing = [f"{each.name} ({self._formulas(self.candidate, each)})" for each in self.growing]
        parts.append(f"{number(len(growing), 'grows', 'grow')}: {', '.join(growing[:3])}" if growing else "none grows")
        if self.over_budget:
            parts.append(
                f"{len(self.over_budget)} over budget: {', '.join(each.name for each in self.over_budget[:3])}"
            )
        change = self._largest_change()
        return ", ".join(parts) + (f"; {change}" if change else "")

    def details(self) -> dict[str, Any]:
        """Return the tables and the chart of the report."""
        counts = [
            {"name": side.release.name, "values": [side.count(each.name) or 0 for each in self.measured]}
            for side in self._sides()
        ]
        return {
            "tables": [self._overview(), self._statements(), self._repeated()],
            "charts": [
                {
                    "title": "Queries per operation",
                    "kind": "bar",
                    "unit": "queries",
                    "labels": [each.name for each in self.measured],
                    "series": counts,
                }
            ],
            "notes": [
                "Counted warm: content-type and site caches are cleared, then each request is sent once uncounted.",
                "Reads and writes count; transaction control is apart. Every request is rolled back.",
                *([] if self.candidate.knows_indexes else ["Filters without an index are known on PostgreSQL only."]),
            ],
        }

    def _excess(self, operation: Operation) -> list[tuple[Growth, Group]]:
        growths = self.candidate.growth.get(operation.name, [])
        return [(each, group) for each in growths for group in excess(each, operation.queries.grows)]

    def _sides(self) -> list[Side]:
        return [self.baseline] if self.candidate is self.baseline else [self.baseline, self.candidate]

    def _n_plus_one(self, operation: Operation, growth: Growth, group: Group) -> Finding:
        file, line, where = self._where(group.path)
        return Finding(
            code="n-plus-one",
            severity="high",
            about=operation.name,
            why=f"{_how_often(group, growth.table)}: {group.sql}{where}{_through(group.statement)}",
            remedy=_remedy(group),
            file=file,
            line=line,
        )

    @property
    def _unindexed(self) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
        """(operation, statement, filter), each table and set of columns of an operation once."""
        found: dict[tuple[str, str, str], tuple[str, dict[str, Any], dict[str, Any]]] = {}
        for name, answer in self.candidate.answers.items():
            for statement in answer["statements"]:
                for each in statement["unindexed"]:
                    found.setdefault((name, each["table"], str(each["columns"])), (name, statement, each))
        return list(found.values())

    def _unindexed_filter(self, operation: str, statement: dict[str, Any], unserved: dict[str, Any]) -> Finding:
        file, line, where = self._where(statement["path"])
        columns = ", ".join(unserved["columns"])
        return Finding(
            code="unindexed-filter",
            severity="medium",
            about=operation,
            why=f"no index serves the filter on {unserved['table']} ({columns}): {statement['sql']}{where}",
            remedy=f"Add an index that begins with one of these columns of {unserved['table']}, concurrently.",
            file=file,
            line=line,
        )

    def _over_budget(self, operation: Operation) -> Finding:
        answer = self.candidate.answers[operation.name]
        most = max(_counted(answer), key=lambda each: int(each["count"]))
        file, line, where = self._where(most["path"])
        count, budget = self.candidate.count(operation.name) or 0, operation.queries.at_most or 0
        return Finding(
            code="over-budget",
            severity="medium",
            about=operation.name,
            why=f"{number(count, 'query', 'queries')}, {at_most(budget)}; {most['count']} x {most['sql']}{where}",
            remedy="Load in fewer queries, or raise 'at_most' of the operation in operations.toml with a reason.",
            file=file,
            line=line,
        )

    def _where(self, path: list[dict[str, Any]]) -> tuple[str, int, str]:
        if not path:
            return "", 0, ""
        place = path[0]
        if place.get("installed"):
            return "", 0, f" in {at(place)}"
        return f"{self.candidate.release.path}/{place['file']}", place["line"], f" in {place['function']}"

    def _largest_change(self) -> str:
        """Say where the two releases differ most."""
        pairs = [
            (before, after, each.name)
            for each in self.measured
            if (before := self.baseline.count(each.name)) is not None
            and (after := self.candidate.count(each.name)) is not None
        ]
        before, after, name = max(pairs, key=lambda pair: abs(pair[0] - pair[1]), default=(0, 0, ""))
        return f"{name} {before} -> {after}" if before != after else ""

    @staticmethod
    def _formulas(side: Side, operation: Operation) -> str:
        return "; ".join(growth.formula for growth in side.growth.get(operation.name, []))

    def _overview(self) -> dict[str, Any]:
        sides = self._sides()
        columns = ["operation", *(side.release.name for side in sides)]
        columns += ["budget", *(f"growth, {side.release.name}" for side in sides)]
        third = self.serving
        rows = []
        for each in self.operations:
            row: list[Any] = [each.name, *(side.count(each.name) for side in sides), each.queries.at_most]
            row += [self._formulas(side, each) for side in sides]
            rows.append([*row, third.count(each.name)] if third else row)
        if third:
            columns.append(f"{third.release.name}, migrated")
        return {"title": "Queries per operation", "columns": columns, "rows": rows}

    def _statements(self) -> dict[str, Any]:
        rows = []
        for side in self._sides():
            for operation in self.operations:
                for growth, group in side.growing(operation.name):
                    where = _shown(side.release.path, group.path)
                    counts = ", ".join(map(str, group.counts))
                    rows.append(
                        [side.release.name, operation.name, growth.table, group.shape, counts, group.sql, where]
                    )
        columns = ["release", "operation", "with", "class", f"runs at {_sizes(self)} rows", "statement", "from"]
        return {"title": "Statements that grow", "columns": columns, "rows": rows}

    def _repeated(self) -> dict[str, Any]:
        rows = []
        for side in self._sides():
            for name, answer in side.answers.items():
                for each in answer["statements"]:
                    if each["count"] > 1 and not each["benign"]:
                        path = " < ".join(map(at, each["path"]))
                        advice = each["advice"]["text"] if each["advice"] else ""
                        rows.append([side.release.name, name, each["count"], each["sql"], path, advice])
        columns = ["release", "operation", "times", "statement", "from (innermost first)", "write"]
        return {"title": "Repeated statements", "columns": columns, "rows": rows}


def _shown(folder: str, path: list[dict[str, Any]]) -> str:
    """Return the innermost place of a path as file and line; that of an installed package is in no release's folder."""
    for place in path[:1]:
        return f"{'' if place.get('installed') else f'{folder}/'}{place['file']}:{place['line']}"
    return ""


def _sizes(comparison: Comparison) -> str:
    for side in (comparison.candidate, comparison.baseline):
        for growths in side.growth.values():
            return ", ".join(map(str, growths[0].sizes))
    return "n"


def _counted(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for each in answer["statements"] if each["kind"] != "transactions"]


def _how_often(group: Group, table: str) -> str:
    slope = group.slopes[0]
    if group.shape in LINEAR and slope.denominator == 1:
        times = "once" if slope == 1 else f"{slope} times"
        return f"runs {times} for each row of {table}"
    return f"grows with {table} ({group.shape})"


def _through(statement: dict[str, Any]) -> str:
    return f", through {statement['relation']}" if statement.get("relation") else ""


def _remedy(group: Group) -> str:
    """Return what the capture advises, as a sentence."""
    advice = group.statement.get("advice")
    text = advice["text"] if advice else "load it once, outside the loop"
    return f"{text[0].upper()}{text[1:]}."
