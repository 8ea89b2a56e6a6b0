"""Writes the figures of ``docs/review.md`` from the evidence of runs: ``python -m tests.review RUN...``."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path

from harness.evidence import Evidence
from harness.gate.verdict import read_verdict
from harness.runs import Run

REPOSITORY = Path(__file__).resolve().parents[1]
PAGE = REPOSITORY / "docs/review.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
QUALITY = [
    ("tests", "passed", "tests of the platform that passed"),
    ("tests", "coverage", "coverage with branches"),
    ("complexity", "highest complexity", "highest cyclomatic complexity of a function"),
    ("complexity", "average complexity", "average cyclomatic complexity"),
    ("duplication", "share of duplicated lines", "duplicated lines"),
    ("imports", "import cycles", "import cycles"),
    ("imports", "broken contracts", "broken import contracts"),
    ("documentation", "documented", "public definitions with a docstring"),
    ("dead code", "unused code", "unused definitions"),
    ("dependencies", "not pinned", "dependencies without a pin"),
    ("security", "new findings", "new findings of Bandit"),
]


def figures(evidence: Iterable[Evidence]) -> str:
    """Return the tables of one or more runs; what no run measured says so."""
    found = {each.probe: each for each in evidence if each.outcome == "measured"}
    lines = ["| code quality | |", "|---|---|"]
    lines += [f"| {words} | {_number(found.get(probe), measure)} |" for probe, measure, words in QUALITY]
    lines += ["", "| operation | queries of legacy | queries now |", "|---|---|---|", *_queries(found.get("queries"))]
    return "\n".join(lines)


def _number(evidence: Evidence | None, measure: str) -> str:
    values = [each for each in evidence.select(measure) if not each.about] if evidence else []
    if evidence and not values:
        values = evidence.select(measure)
    if not values:
        return "not measured"
    total = sum(each.value for each in values)
    return f"{total:.4g} {values[0].unit if values[0].unit == '%' else ''}".strip()


def _queries(evidence: Evidence | None) -> list[str]:
    if evidence is None:
        return ["| not measured | | |"]
    before = {each.about: each.value for each in evidence.select("baseline queries")}
    now = {each.about: each.value for each in evidence.select("queries")}
    shared = sorted(before.keys() & now.keys(), key=lambda name: (now[name] - before[name], name))
    return [f"| {name} | {before[name]:.0f} | {now[name]:.0f} |" for name in shared]


def origin(runs: Iterable[Run]) -> str:
    """Say where the figures come from: phases, amount of data, commits."""
    return f"From {' and '.join(map(_origin, runs))}."


def _origin(run: Run) -> str:
    verdict = read_verdict(run.folder / "verdict.json")
    made = verdict.provenance
    dirty = ", with changes that were not committed" if made.dirty else ""
    return f"`harness gate {verdict.phase}{' --quick' if made.quick else ''}` at commit {made.commit[:12]}{dirty}"


def write(runs: list[Run]) -> None:
    """Put the figures of these runs into the page."""
    evidence = [each for run in runs for each in run.evidence()]
    text = f"{BEGIN}\n{origin(runs)}\n\n{figures(evidence)}\n{END}"
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(re.sub(f"{BEGIN}.*?{END}", lambda _: text, page, flags=re.S), encoding="utf-8")


if __name__ == "__main__":
    write([Run.find(REPOSITORY / "reports/runs", name) for name in sys.argv[1:]])
