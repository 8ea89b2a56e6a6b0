"""What the page shows, in the order in which it shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from harness.evidence import Evidence, Finding
from harness.gate.verdict import Changes, Judgement, ProbeState, Verdict
from harness.gate.words import amount, worst_first
from harness.reporting.html.details import Details, read_details
from harness.reporting.terminal import describe_database

_QUESTION = {
    "GO": "Every criterion holds.",
    "NO-GO": "A criterion is broken.",
    "HOLD": "Not everything was measured soundly.",
    "OPEN": "The way back was proven.",
    "CLOSED": "One cannot come back without loss.",
    "UNPROVEN": "Nobody has shown that one can come back.",
}


_GO_WAIVED = "Every criterion holds, or somebody answers for its breach."
_DECISIONS = ("breach", "missing", "unsound", "waived", "ok")


@dataclass(frozen=True)
class ShownFinding:
    """A finding with what the gate made of it: whether it broke a criterion, and whether the baseline knew it."""

    finding: Finding
    broke: bool
    age: str


@dataclass(frozen=True)
class Section:
    """One probe: its state, evidence, criteria and what it found."""

    anchor: str
    state: ProbeState
    evidence: Evidence | None
    criteria: list[Judgement]
    findings: list[ShownFinding]
    details: Details | None
    share: float

    @property
    def words(self) -> str:
        """Its line: what it measured, or why it did not."""
        if self.evidence is not None and self.evidence.outcome == "measured":
            return self.evidence.summary
        return self.state.reason


@dataclass(frozen=True)
class Page:
    """The whole page."""

    database: str
    next_words: Markup
    forward_words: str
    back_words: str
    counts: list[tuple[str, int]]
    sections: list[Section]
    seconds: float
    changes: list[Changes]

    @property
    def breaking(self) -> list[tuple[str, ShownFinding]]:
        """The findings that broke a criterion, with their probe, the worst first."""
        shown = [(section.state.probe, each) for section in self.sections for each in section.findings if each.broke]
        ranked = worst_first([each.finding for _, each in shown])
        return sorted(shown, key=lambda pair: ranked.index(pair[1].finding))

    @property
    def explained(self) -> list[Section]:
        """The sections that have something to show below the summary."""
        return [section for section in self.sections if section.evidence is not None]


def view(verdict: Verdict, evidence: Sequence[Evidence]) -> Page:
    """Arrange verdict and evidence for the page."""
    found = {each.probe: each for each in evidence}
    total = sum(each.seconds for each in evidence)
    sections = [
        _section(index, each, found.get(each.probe), verdict, total) for index, each in enumerate(verdict.probes)
    ]
    decisions: Counter[str] = Counter(each.decision for each in verdict.criteria)
    return Page(
        database=describe_database(verdict, evidence),
        next_words=_linked(verdict.next_action, sections),
        forward_words=_GO_WAIVED if verdict.forward == "GO" and decisions["waived"] else _QUESTION[verdict.forward],
        back_words=_QUESTION[verdict.way_back],
        counts=[(name, decisions[name]) for name in _DECISIONS if decisions[name]],
        sections=sections,
        seconds=total,
        changes=[each for each in verdict.changes if each.new or each.fixed or each.still or each.numbers],
    )


def _linked(text: str, sections: Sequence[Section]) -> Markup:
    """Escape a text, and let the title of a probe, which stands in quotes, lead to what it measured."""
    words = escape(text)
    for section in sections:
        if section.evidence is not None:
            title = section.state.probe.capitalize()
            link = Markup("'<a href=\"#{}\">{}</a>'").format(section.anchor, title)
            words = words.replace(escape(f"'{title}'"), link)
    return words


def cell(value: Any) -> str:
    """Write a cell of a table for people."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return amount(value) if isinstance(value, int | float) else str(value)


def duration(seconds: float) -> str:
    """Write a duration for people."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60)} s"


def _section(index: int, state: ProbeState, evidence: Evidence | None, verdict: Verdict, total: float) -> Section:
    criteria = verdict.of(state.probe)
    return Section(
        anchor=f"probe-{index}",
        state=state,
        evidence=evidence,
        criteria=criteria,
        findings=_findings(evidence, criteria, verdict) if evidence else [],
        details=read_details(evidence) if evidence else None,
        share=evidence.seconds / total if evidence and total else 0.0,
    )


def _findings(evidence: Evidence, criteria: Sequence[Judgement], verdict: Verdict) -> list[ShownFinding]:
    broke = {fingerprint for each in criteria if each.decision == "breach" for fingerprint in each.findings}
    ages: dict[str, str] = {}
    for changes in verdict.changes:
        if changes.probe == evidence.probe:
            ages = {**dict.fromkeys(changes.still, "known"), **dict.fromkeys(changes.new, "new")}
    shown = [
        ShownFinding(each, each.fingerprint in broke, ages.get(each.fingerprint, ""))
        for each in worst_first(evidence.findings)
    ]
    return sorted(shown, key=lambda each: not each.broke)
