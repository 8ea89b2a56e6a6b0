"""Decides one criterion: ok, breach, waived, missing or unsound."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from harness.evidence import SEVERITIES, Evidence, Finding, Measurement, Provenance
from harness.gate.baseline import Baseline, compare_findings, depends_on_machine, same_machine
from harness.gate.criteria import Bound, NoFindings, Requirement
from harness.gate.verdict import Decision, Judgement
from harness.gate.waivers import Waivers
from harness.gate.words import amount, listing, place, worst_first
from harness.rollout import Criterion, Waiver
from harness.words import number


@dataclass(frozen=True)
class Compared:
    """A number beside its limit and the baseline's number for the same subject."""

    measurement: Measurement
    limit: float
    baseline: float | None

    @property
    def subject(self) -> str:
        """What was measured."""
        return self.measurement.about


class Decider:
    """Decides the criteria of one probe on its evidence (None: it was not run)."""

    def __init__(
        self, probe: str, evidence: Evidence | None, baseline: Baseline | None, waivers: Waivers, provenance: Provenance
    ) -> None:
        self._probe = probe
        self._evidence = evidence
        self._baseline = baseline
        self._waivers = waivers
        self._provenance = provenance

    def decide(self, criterion: Criterion, requirement: Requirement) -> Judgement:
        """Decide one criterion; what was not measured, or not soundly, is never ok."""
        judge = self._judge(criterion)
        if self._evidence is None:
            return judge("missing", "The probe was not run.")
        if self._evidence.outcome != "measured":
            state = "failed" if self._evidence.outcome == "error" else "was skipped"
            return judge("missing", f"The probe {state}: {self._evidence.reason}")
        if isinstance(requirement, NoFindings):
            return self._decide_findings(criterion, requirement, self._evidence, judge)
        return self._decide_numbers(criterion, requirement, self._evidence, judge)

    def _judge(self, criterion: Criterion) -> Callable[..., Judgement]:
        def judge(decision: Decision, reason: str, **observed: Any) -> Judgement:
            if decision == "breach" and criterion.why:
                reason += f" ({criterion.why})"
            return Judgement(
                probe=self._probe,
                measure=criterion.measure,
                require=criterion.require,
                answers=criterion.answers,
                about=criterion.about,
                severity=criterion.severity,
                why=criterion.why,
                decision=decision,
                reason=reason,
                **observed,
            )

        return judge

    def _decide_findings(
        self, criterion: Criterion, requirement: NoFindings, evidence: Evidence, judge: Callable[..., Judgement]
    ) -> Judgement:
        findings = [finding for finding in evidence.findings if _concerns(criterion, finding)]
        if requirement.new and findings:
            if self._baseline is None:
                return judge("missing", _no_baseline(), observed=len(findings))
            findings, _ = compare_findings(findings, self._baseline.known(self._probe))
        open_ones, accepted = self._split(findings)
        observed: dict[str, Any] = {"observed": len(findings), "findings": [each.fingerprint for each in findings]}
        if open_ones:
            worst = worst_first(open_ones)
            observed["subject"] = place(worst[0])
            return judge("breach", f"{_count(open_ones, requirement)}: {_name(worst)}", **observed)
        if evidence.unsound:
            return judge("unsound", _unsound(evidence), **observed)
        if accepted:
            return judge("waived", f"{_count(findings, requirement)}, {_accepted(accepted)}", **observed)
        return judge("ok", "No new findings." if requirement.new else "No findings.", **observed)

    def _split(self, findings: list[Finding]) -> tuple[list[Finding], list[Waiver]]:
        waivers = [(finding, self._waivers.cover_finding(self._probe, finding)) for finding in findings]
        return [finding for finding, waiver in waivers if not waiver], [waiver for _, waiver in waivers if waiver]

    def _decide_numbers(
        self, criterion: Criterion, bound: Bound, evidence: Evidence, judge: Callable[..., Judgement]
    ) -> Judgement:
        numbers = [each for each in evidence.select(criterion.measure) if fnmatchcase(each.about, criterion.about)]
        if not numbers:
            which = f" for {criterion.about}" if criterion.about != "*" else ""
            doubts = f" {_unsound(evidence)}" if evidence.unsound else ""
            return judge("missing", f"The evidence holds no {criterion.measure}{which}.{doubts}")
        odd = [each.about or "the whole" for each in numbers if not math.isfinite(each.value)]
        if odd:
            return judge("unsound", f"{criterion.measure} is not a number for {listing(odd)}.")
        compared, missing = self._compare(criterion, bound, numbers)
        if missing:
            return judge("missing", missing)
        worst = max(compared, key=lambda each: bound.excess(each.measurement.value, each.limit))
        observed = {
            "observed": worst.measurement.value,
            "baseline": worst.baseline,
            "unit": worst.measurement.unit,
            "subject": worst.subject,
        }
        unsound = _unsound(evidence) if evidence.unsound else self._incomparable(bound, numbers)
        if unsound:
            return judge("unsound", unsound, **observed)
        broken = [each for each in compared if not bound.holds(each.measurement.value, each.limit)]
        broken.sort(key=lambda each: -bound.excess(each.measurement.value, each.limit))
        return self._weigh(
            criterion, broken, evidence, lambda *words: judge(*words, **observed), _say(criterion, worst)
        )

    def _compare(self, criterion: Criterion, bound: Bound, numbers: list[Measurement]) -> tuple[list[Compared], str]:
        """Put each number beside its limit; the second result says what is missing."""
        before = self._baseline.numbers(self._probe, criterion.measure) if self._baseline else {}
        if bound.needs_baseline:
            if self._baseline is None:
                return [], _no_baseline()
            known = {subject for subject in before if fnmatchcase(subject, criterion.about)}
            unknown = [each.about for each in numbers if each.about not in known]
            if unknown:
                return [], f"The baseline holds no {criterion.measure} for {listing(unknown) or 'the whole'}."
            gone = known - {each.about for each in numbers}
            if gone:
                return [], f"The baseline holds {criterion.measure} for {listing(sorted(gone))}, this run does not."
        compared = []
        for each in numbers:
            old = before[each.about].value if each.about in before else None
            limit = bound.limit(old)
            if limit is None:
                return [], f"The baseline's {criterion.measure} for {each.about or 'the whole'} is not a number."
            compared.append(Compared(each, limit, old))
        return compared, ""

    def _incomparable(self, bound: Bound, numbers: list[Measurement]) -> str:
        if not bound.needs_baseline or self._baseline is None:
            return ""
        if self._baseline.provenance.quick != self._provenance.quick:
            return "The baseline was measured on another amount of data (--quick on one side only)."
        timed = any(depends_on_machine(each.unit) for each in numbers)
        if timed and not same_machine(self._baseline.provenance, self._provenance):
            return "The baseline was measured on another machine, and timings differ between machines."
        return ""

    def _weigh(
        self,
        criterion: Criterion,
        broken: list[Compared],
        evidence: Evidence,
        judge: Callable[[Decision, str], Judgement],
        said: str,
    ) -> Judgement:
        waivers = [(each, self._waivers.cover_number(self._probe, criterion.measure, each.subject)) for each in broken]
        open_ones = [each for each, waiver in waivers if not waiver]
        if open_ones:
            culprits = _culprits(criterion, open_ones, evidence)
            return judge("breach", f"{_say(criterion, open_ones[0])}{culprits}")
        if broken:
            return judge("waived", f"{said}, {_accepted([waiver for _, waiver in waivers if waiver])}")
        return judge("ok", f"{said}.")


def _concerns(criterion: Criterion, finding: Finding) -> bool:
    return (
        finding.side == criterion.answers
        and SEVERITIES.index(finding.severity) >= SEVERITIES.index(criterion.severity)
        and (fnmatchcase(finding.about, criterion.about) or fnmatchcase(finding.file, criterion.about))
    )


def _say(criterion: Criterion, worst: Compared) -> str:
    subject = f" for {worst.subject}" if worst.subject else ""
    text = f"{criterion.measure} is {amount(worst.measurement.value, worst.measurement.unit)}{subject}"
    text += f", required {criterion.require}"
    if "baseline" in criterion.require:
        text += f" (baseline {amount(worst.baseline, worst.measurement.unit)})"
    return text


def _culprits(criterion: Criterion, broken: list[Compared], evidence: Evidence) -> str:
    """Name the other subjects and the findings that explain a breach."""
    text = ""
    if len(broken) > 1:
        text += f"; also {listing([each.subject for each in broken[1:]])}"
    subjects = {each.subject for each in broken}
    sided = [finding for finding in evidence.findings if finding.side == criterion.answers] or evidence.findings
    fitting = [finding for finding in sided if finding.about in subjects] or sided
    if fitting:
        text += f": {_name(worst_first(fitting))}"
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _name(findings: list[Finding]) -> str:
    first = f"{place(findings[0])}: {findings[0].why}"
    others = listing([place(finding) for finding in findings[1:] if place(finding) != place(findings[0])])
    return f"{first.rstrip('.')}; also {others}" if others else first


def _count(findings: list[Finding], requirement: NoFindings) -> str:
    kind = "new finding" if requirement.new else "finding"
    return number(len(findings), kind)


def _accepted(waivers: list[Waiver]) -> str:
    words = [f"{waiver.owner} until {waiver.until.isoformat()} ({waiver.reason})" for waiver in waivers]
    return f"accepted by {listing(words)}"


def _no_baseline() -> str:
    return "There is no baseline to compare with; accept a run with 'harness accept'."


def _unsound(evidence: Evidence) -> str:
    return f"The numbers must not be believed: {listing(evidence.unsound)}."
