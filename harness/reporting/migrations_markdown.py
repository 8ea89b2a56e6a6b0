"""The facts of a project's migrations as Markdown, for a pull request."""

from __future__ import annotations

from collections.abc import Iterator

from harness.gate.words import place, worst_first
from harness.probes.migrations.project import ProjectReport
from harness.reporting.markdown import escape
from harness.reporting.migrations import COLUMNS, counted, elsewhere, rows, totals


def render(report: ProjectReport) -> str:
    """Render the whole report; text from the project is escaped."""
    return "\n".join([*_tables(report), *_hazards(report)]) + "\n"


def _tables(report: ProjectReport) -> Iterator[str]:
    yield f"# Migrations: {totals(report)}"
    yield ""
    yield escape(counted(report))
    if report.failed:
        yield ""
        yield escape(f"{report.failed.app}.{report.failed.migration} broke off: {report.failed.message}")
    for sentence in elsewhere(report):
        yield ""
        yield escape(sentence)
    for rehearsed in report.rehearsed:
        yield ""
        yield f"## {escape(rehearsed.migration.name)}"
        yield ""
        yield "| " + " | ".join(COLUMNS) + " |"
        yield "|" + " --- |" * len(COLUMNS)
        for row in rows(rehearsed, report.judged.open):
            yield "| " + " | ".join(escape(cell) for cell in row) + " |"


def _hazards(report: ProjectReport) -> Iterator[str]:
    if report.judged.open:
        yield ""
        yield "## Hazards"
    for finding in worst_first(report.judged.open):
        yield ""
        yield f"**{escape(finding.code)}** ({finding.severity}) {escape(place(finding))}"
        yield ""
        yield f"{escape(finding.why)}. {escape(finding.remedy)}"
        if finding.example:
            yield ""
            yield f"```python\n{finding.example.replace('```', '')}\n```"
    for finding, acceptance in report.judged.accepted:
        yield ""
        what = f"{finding.code} {place(finding)}, {acceptance.reason}"
        yield f"- accepted until {acceptance.until}: {escape(what)}"
