"""The probe "queries"."""

from __future__ import annotations

from fnmatch import fnmatch
from typing import ClassVar

from harness.evidence import Evidence
from harness.operations import Operation
from harness.probes.probe import Options, Probe
from harness.probes.queries.report import Comparison
from harness.probes.queries.side import Side, measure_side
from harness.probes.world import World


class QueryOptions(Options, frozen=True, kw_only=True):
    """`only` restricts the operations (fnmatch patterns; none: all)."""

    only: list[str] = []


class Queries(Probe[QueryOptions]):
    """Counts the queries of every operation before and after the phase, and proves whether they grow with the rows."""

    name: ClassVar[str] = "queries"
    title: ClassVar[str] = "queries of every operation before and after, budgets, growth with the data"
    options: ClassVar[type[Options]] = QueryOptions
    measures: ClassVar[dict[str, str]] = {
        "operations": "operations of the candidate that were measured",
        "queries": "reads and writes of an operation in the candidate",
        "baseline queries": "reads and writes of an operation in the baseline release",
        "over budget": "operations of the candidate with more queries than 'at_most'",
        "growing operations": "operations of the candidate that grow faster than 'grows' allows",
        "unindexed filters": "filters of the candidate's operations that no index serves (PostgreSQL)",
        "server time": "what the database server itself took for an operation, in ms (PostgreSQL's pg_stat_statements)",
    }

    def measure(self, world: World, options: QueryOptions) -> Evidence:
        """Measure both releases, each on a copy of its database; what cannot be measured is named."""
        operations = [each for each in world.catalog.operation if _matches(each.name, options.only)]
        comparison = Comparison(operations, *_sides(world, operations))
        problems = comparison.problems
        if not comparison.measured:
            problems.append("no operation was measured; declare some in operations.toml")
        return Evidence(
            probe=self.name,
            outcome="error" if problems else "measured",
            reason=" ".join(problems),
            summary=comparison.summary(),
            measurements=comparison.measurements(),
            findings=comparison.findings(),
            details=comparison.details(),
        )


def _matches(name: str, only: list[str]) -> bool:
    return not only or any(fnmatch(name, pattern) for pattern in only)


def _sides(world: World, operations: list[Operation]) -> tuple[Side, Side, Side | None]:
    """Measure baseline, candidate, and the serving release on the new schema; --quick only what the gate judges."""

    def of(release: str) -> list[Operation]:
        return [each for each in operations if not each.releases or release in each.releases]

    baseline, candidate, serving = world.baseline, world.candidate, world.serving
    alone = candidate == baseline and not world.phase.migrations
    before = measure_side(world, baseline, world.before(), of(baseline.name), grow=alone or not world.quick)
    if alone:
        return before, before, None
    after = measure_side(world, candidate, world.after(), of(candidate.name))
    if serving == candidate or world.quick:
        return before, after, None
    return before, after, measure_side(world, serving, world.after(), of(serving.name), grow=False)
