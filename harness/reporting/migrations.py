"""The facts of a project's migrations as text: a table per migration, the hazards below."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

from harness.evidence import SEVERITIES, Finding
from harness.gate.words import place, worst_first
from harness.probes.migrations.facts import Facts, Migration, Rehearsed, Step
from harness.probes.migrations.project import ProjectReport

COLUMNS = ("operation", "locks", "work", "blocked until commit", "old code", "way back")
_LONGEST = 60


def render(report: ProjectReport) -> str:
    """Render the whole report."""
    return "\n".join([*_head(report), *_tables(report), *_hazards(report), *_end(report)]) + "\n"


def rows(rehearsed: Rehearsed, findings: list[Finding]) -> list[list[str]]:
    """Return a row for each operation of a migration, by the columns."""
    return [
        [
            f"[{step.index}] {step.describe}",
            _locks(step.facts),
            _work(step.facts),
            _blocked(step.facts),
            _old_code(rehearsed.migration, step),
            _way_back(rehearsed, step, findings),
        ]
        for step in rehearsed.migration.operations
    ]


def counted(report: ProjectReport) -> str:
    """Return in one line what was rehearsed, and where."""
    operations = sum(len(each.migration.operations) for each in report.rehearsed)
    text = (
        f"{report.database}: {len(report.rehearsed)} of {report.planned} migrations rehearsed, {operations} operations"
    )
    if report.vendor != "postgresql":
        text += f"; {report.vendor} does not tell what it locks, so that nothing is known about it"
    return text


def totals(report: ProjectReport) -> str:
    """Return the number of hazards by severity."""
    numbers = [(name, sum(each.severity == name for each in report.judged.open)) for name in reversed(SEVERITIES)]
    text = ", ".join(f"{number} {name}" for name, number in numbers if number) or "no hazards"
    accepted = len(report.judged.accepted)
    return text + (f", {accepted} accepted" if accepted else "")


def _head(report: ProjectReport) -> Iterator[str]:
    yield counted(report)
    if not report.chosen:
        yield "Nothing to rehearse: no migration of the project was chosen."
    if report.failed:
        broken = report.failed
        yield f"{broken.app}.{broken.migration} broke off before them: {broken.kind}: {broken.message}"
        yield f"    in the statement {broken.statement!r}" if broken.statement else f"    {broken.left}"
    yield from elsewhere(report)


def elsewhere(report: ProjectReport) -> list[str]:
    """Return a sentence for each migration that changes tables in another database, where nothing was measured."""
    return [
        f"{each.migration.name} changes {', '.join(each.elsewhere)} in another database (the routers say so), where "
        "nothing was measured."
        for each in report.rehearsed
        if each.elsewhere
    ]


def _tables(report: ProjectReport) -> Iterator[str]:
    for rehearsed in report.rehearsed:
        migration = rehearsed.migration
        yield ""
        yield f"{migration.name}{'' if migration.atomic else '  (not atomic)'}  {migration.seconds:.2f} s"
        yield from _aligned([list(COLUMNS), *rows(rehearsed, report.judged.open)])


def _aligned(table: list[list[str]]) -> Iterator[str]:
    clipped = [[row[0][:_LONGEST], *row[1:]] for row in table]
    widths = [max(len(row[column]) for row in clipped) for column in range(len(COLUMNS))]
    for row in clipped:
        yield "  " + "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()


def _hazards(report: ProjectReport) -> Iterator[str]:
    for finding in worst_first(report.judged.open):
        yield ""
        yield f"{finding.severity:<7} {finding.code}  {place(finding)}"
        yield from _paragraph(finding.why, "        ")
        yield from _paragraph(f"Instead: {finding.remedy}", "        ")
        yield from ("            " + line for line in finding.example.splitlines())
    for finding, acceptance in report.judged.accepted:
        yield ""
        yield f"accepted until {acceptance.until}  {finding.code}  {place(finding)}: {acceptance.reason}"


def _paragraph(text: str, indent: str) -> list[str]:
    return textwrap.wrap(" ".join(text.split()), 112, initial_indent=indent, subsequent_indent=indent)


def _end(report: ProjectReport) -> Iterator[str]:
    yield ""
    yield totals(report)


def _locks(facts: Facts | None) -> str:
    if facts is None:
        return "did not run"
    return ", ".join(f"{table}: {mode}" for table, mode in facts.locks.items()) or "-"


def _work(facts: Facts | None) -> str:
    if facts is None:
        return "-"
    words = [f"rewrites {table}" for table in facts.rewrites]
    words += [f"builds {each.index}" for each in facts.index_builds]
    words += [f"scans {table}" for table in facts.scans]
    words += [f"writes {facts.rows_written:,} rows"] if facts.rows_written else []
    return ", ".join(words) or "-"


def _blocked(facts: Facts | None) -> str:
    blocks = facts.blocks if facts else {}
    words = [
        f"{table}: {'reads, writes' if 'SELECT' in verbs else 'writes'}" for table, verbs in blocks.items() if verbs
    ]
    return "; ".join(words) or "-"


def _old_code(migration: Migration, step: Step) -> str:
    if migration.old_code is None:
        return "not tried"
    verbs = dict.fromkeys(each.verb for each in migration.old_code.failures if each.index == step.index)
    return f"cannot {', '.join(verbs)}" if verbs else "works"


def _way_back(rehearsed: Rehearsed, step: Step, findings: list[Finding]) -> str:
    if not step.reversible:
        return "none"
    trip = rehearsed.round_trip
    if trip is None:
        return "not tried"
    if trip.backward.failure and trip.backward.failure.index in (step.index, None):
        return "fails"
    about = rehearsed.migration.about(step)
    codes = {each.code for each in findings if each.about == about}
    words = [word for code, word in _WORDS.items() if code in codes]
    return ", ".join(words) or "yes"


_WORDS: dict[str, Any] = {
    "way-back-loses-content": "content lost",
    "way-back-alters-content": "content altered",
    "late-writes-refused": "late writes refused",
    "late-writes-lost": "late writes lost",
    "late-writes-altered": "late writes altered",
}
