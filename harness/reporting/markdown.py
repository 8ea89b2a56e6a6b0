"""``summary.md``: the verdict for a pull request or a step summary."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from harness.evidence import Evidence
from harness.gate.verdict import Judgement, Verdict
from harness.gate.words import amount, place, worst_first
from harness.reporting.terminal import describe_database

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~])")
_FINDINGS = 20


def render(verdict: Verdict, evidence: Sequence[Evidence]) -> str:
    """Render the run as Markdown; text from the evidence is escaped."""
    parts = [
        *_head(verdict, evidence),
        *_probes(verdict, evidence),
        *_criteria(verdict),
        *_findings(verdict, evidence),
        *_waivers(verdict),
        *_tail(verdict),
    ]
    return "\n".join(parts) + "\n"


def _head(verdict: Verdict, evidence: Sequence[Evidence]) -> Iterator[str]:
    yield f"# {verdict.forward}, way back {verdict.way_back}"
    yield ""
    yield f"{escape(verdict.rollout)}, phase {verdict.phase} of {verdict.phases}: **{escape(verdict.name)}**"
    database = describe_database(verdict, evidence)
    yield f"on {escape(database)}" if database else ""
    yield ""
    yield escape(verdict.next_action)
    yield ""
    for reason in verdict.reasons:
        yield f"- {escape(reason)}"
    if verdict.reasons:
        yield ""


def _probes(verdict: Verdict, evidence: Sequence[Evidence]) -> Iterator[str]:
    found = {each.probe: each for each in evidence}
    rows = []
    for state in verdict.probes:
        each = found.get(state.probe)
        words = each.summary if each and each.outcome == "measured" else state.reason
        rows.append([state.probe, state.state, words, f"{each.seconds:.1f} s" if each else "-"])
    yield from _table(["probe", "state", "evidence", "time"], rows)


def _criteria(verdict: Verdict) -> Iterator[str]:
    yield "## Criteria"
    yield ""
    columns = ["probe", "criterion", "observed", "baseline", "answers", "decision", "reason"]
    rows = [_row(each) for each in verdict.criteria]
    if not any(each.needs_words for each in verdict.criteria):
        columns, rows = columns[:-1], [row[:-1] for row in rows]
    yield from _table(columns, rows)


def _row(each: Judgement) -> list[str]:
    return [
        each.probe,
        f"{each.measure} {each.require}",
        amount(each.observed, each.unit),
        amount(each.baseline, each.unit),
        each.answers,
        each.decision,
        each.reason if each.needs_words else "",
    ]


def _findings(verdict: Verdict, evidence: Sequence[Evidence]) -> Iterator[str]:
    culprits = {fingerprint for each in verdict.criteria if each.decision == "breach" for fingerprint in each.findings}
    shown = worst_first([finding for each in evidence for finding in each.findings if finding.fingerprint in culprits])
    if not shown:
        return
    yield "## Findings that broke a criterion"
    yield ""
    for finding in shown[:_FINDINGS]:
        remedy = f" {escape(finding.remedy)}" if finding.remedy else ""
        yield f"- **{escape(finding.code)}** {escape(place(finding))}: {escape(finding.why)}{remedy}"
    if len(shown) > _FINDINGS:
        yield f"- and {len(shown) - _FINDINGS} more in the report"
    yield ""


def _waivers(verdict: Verdict) -> Iterator[str]:
    if verdict.waivers:
        yield "## Waivers"
        yield ""
        rows = [[each.state, each.covers, each.owner, each.until, each.reason] for each in verdict.waivers]
        yield from _table(["state", "covers", "owner", "until", "reason"], rows)


def _tail(verdict: Verdict) -> Iterator[str]:
    origin = verdict.provenance
    dirty = " with uncommitted changes" if origin.dirty else ""
    commit = f"commit {origin.commit[:12]}{dirty}, " if origin.commit else ""
    yield f"{commit}harness {escape(origin.versions.get('harness', '?'))}, {origin.finished or origin.started}"


def _table(columns: list[str], rows: list[list[str]]) -> Iterator[str]:
    yield "| " + " | ".join(columns) + " |"
    yield "|" + " --- |" * len(columns)
    for row in rows:
        yield "| " + " | ".join(escape(cell) for cell in row) + " |"
    yield ""


def escape(text: str) -> str:
    """Escape what Markdown and HTML would read as markup, and join the lines."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split())).replace("&", "&amp;")
