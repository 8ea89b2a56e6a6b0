"""Writes every report of a run from its two files, evidence and verdict."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from harness.evidence import Evidence
from harness.gate.verdict import Verdict, read_verdict
from harness.reporting import gitlab, html, junit, markdown, sarif
from harness.runs import Run

REPORTS: dict[str, Callable[[Verdict, Sequence[Evidence]], str]] = {
    "report.html": html.render,
    "summary.md": markdown.render,
    "junit.xml": junit.render,
    "findings.sarif": sarif.render,
    "gitlab.json": gitlab.render,
}


def write_reports(run: Run) -> tuple[Verdict, list[Evidence]]:
    """Render every format into the run's folder; raises UsageError where the run was not judged."""
    verdict, evidence = read_verdict(run.folder / "verdict.json"), list(run.evidence())
    for name, render in REPORTS.items():
        _replace(run.folder / name, render(verdict, evidence))
    return verdict, evidence


def _replace(path: Path, text: str) -> None:
    """Write a file in one step, so that nobody reads half a report."""
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
