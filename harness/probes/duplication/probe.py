"""Measures how many lines stand in two files, with Symilar: the engine of Pylint's rule duplicate-code."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from harness.evidence import Evidence, Finding, Measurement
from harness.probes.duplication.command import Place, compare, count_lines
from harness.probes.duplication.options import DuplicationOptions
from harness.probes.probe import Options, Probe
from harness.probes.sources import read_sources, require_tool
from harness.probes.world import World


class DuplicationProbe(Probe[DuplicationOptions]):
    """Compares every file with every other one."""

    name = "duplication"
    title = "measures how many lines stand in two files"
    measures: ClassVar[dict[str, str]] = {
        "lines": "lines that were compared",
        "clones": "passages that stand in more than one file",
        "duplicated lines": "lines of all files that belong to a clone",
        "share of duplicated lines": "those, in % of all lines",
    }
    uses_database = False
    options: ClassVar[type[Options]] = DuplicationOptions

    def measure(self, world: World, options: DuplicationOptions) -> Evidence:
        """Measure; raises ProbeError where a file cannot be read or was not compared."""
        require_tool("pylint")
        sources = read_sources(Path(world.rollout.folder), options)
        clones = compare(world, sources, options)
        lines = sum(count_lines(source) for source in sources)
        copied = len({line for clone in clones for place in clone for line in place.lines()})
        share = round(100 * copied / lines, 2) if lines else 0.0
        return Evidence(
            probe=self.name,
            outcome="measured",
            summary=f"{share} % of {lines} lines stand in more than one file, {len(clones)} clones",
            measurements=[
                Measurement(name="lines", value=lines),
                Measurement(name="clones", value=len(clones)),
                Measurement(name="duplicated lines", value=copied),
                Measurement(name="share of duplicated lines", value=share, unit="%"),
            ],
            findings=[_finding(clone) for clone in clones],
            details={"tables": [_table(clones)]},
        )


def _finding(clone: list[Place]) -> Finding:
    first, *others = clone
    return Finding(
        code="clone",
        severity="low",
        about=" = ".join(sorted({each.file for each in clone})),
        why=f"{len(first.lines())} lines stand in {len(clone)} places",
        remedy=f"Give what they share a name and a place of its own: {first} and {', '.join(map(str, others))}.",
        file=first.file,
        line=first.start,
    )


def _table(clones: list[list[Place]]) -> dict[str, Any]:
    rows = [[len(clone[0].lines()), ", ".join(map(str, clone))] for clone in clones]
    return {"title": "Clones", "columns": ["lines", "places"], "rows": rows}
