"""Measures the cyclomatic complexity of every function with Ruff's rule C901."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from harness.errors import ProbeError
from harness.evidence import Evidence, Finding, Measurement
from harness.probes import ruff
from harness.probes.probe import Options, Probe
from harness.probes.sources import SourceOptions, read_sources
from harness.probes.world import World

MESSAGE = re.compile(r"`(?P<name>[^`]+)` is too complex \((?P<value>\d+) > \d+\)")
SHOWN = 20


class ComplexityOptions(SourceOptions, frozen=True, kw_only=True):
    """`limit` is the complexity above which a function is a finding."""

    limit: int = 10


class Function(msgspec.Struct, frozen=True):
    """A function or method, and how many ways lead through it."""

    file: str
    line: int
    name: str
    complexity: int


class ComplexityProbe(Probe[ComplexityOptions]):
    """Asks Ruff for every function that is more complex than nothing: that is all of them."""

    name = "complexity"
    title = "measures the cyclomatic complexity of every function"
    measures: ClassVar[dict[str, str]] = {
        "functions": "functions and methods there are",
        "highest complexity": "independent ways through the most complex function",
        "average complexity": "mean over all functions",
        "complex functions": "functions above the limit",
        "share of complex functions": "functions above the limit, in % of all",
    }
    uses_database = False
    options: ClassVar[type[Options]] = ComplexityOptions

    def measure(self, world: World, options: ComplexityOptions) -> Evidence:
        """Measure; raises ProbeError where a file cannot be read or there is no function."""
        sources = read_sources(Path(world.rollout.folder), options)
        found = ruff.check(world, self.name, sources, ["C901"], ["lint.mccabe.max-complexity=0"])
        functions = sorted((_function(each) for each in found), key=lambda each: (-each.complexity, each.file))
        if not functions:
            raise ProbeError(f"There is no function in {', '.join(options.paths)}; mend 'paths'.")
        above = [each for each in functions if each.complexity > options.limit]
        return Evidence(
            probe=self.name,
            outcome="measured",
            summary=f"{len(functions)} functions, the most complex one has {functions[0].complexity}, "
            f"{len(above)} above {options.limit}",
            measurements=_measurements(functions, len(above)),
            findings=[_finding(each, options.limit) for each in above],
            details={"tables": [_table(functions)]},
        )


def _function(found: ruff.Diagnostic) -> Function:
    said = MESSAGE.search(found.message)
    if not said:
        raise ProbeError(f"Ruff words C901 in an unknown way: {found.message!r}; is its version supported?")
    return Function(found.filename, found.location.row, said["name"], int(said["value"]))


def _measurements(functions: list[Function], above: int) -> list[Measurement]:
    average = sum(each.complexity for each in functions) / len(functions)
    return [
        Measurement(name="functions", value=len(functions)),
        Measurement(name="highest complexity", value=functions[0].complexity),
        Measurement(name="average complexity", value=round(average, 2)),
        Measurement(name="complex functions", value=above),
        Measurement(name="share of complex functions", value=round(100 * above / len(functions), 2), unit="%"),
    ]


def _finding(function: Function, limit: int) -> Finding:
    return Finding(
        code="complex-function",
        severity="medium",
        about=f"{function.file}: {function.name}",
        why=f"{function.complexity} independent ways lead through it; the limit is {limit}",
        remedy="Move parts with a name of their own into functions, and return early.",
        file=function.file,
        line=function.line,
    )


def _table(functions: list[Function]) -> dict[str, Any]:
    rows = [[each.name, each.file, each.line, each.complexity] for each in functions[:SHOWN]]
    return {"title": "Most complex functions", "columns": ["function", "file", "line", "complexity"], "rows": rows}
