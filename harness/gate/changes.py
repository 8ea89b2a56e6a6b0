"""What changed since the baseline: findings that came and went, numbers that moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from harness.evidence import Evidence, Finding
from harness.gate.baseline import Baseline, compare_findings
from harness.gate.verdict import Change, Changes


def compare(evidence: Sequence[Evidence], baseline: Baseline | None) -> list[Changes]:
    """Compare each probe's evidence with what was accepted; probes without accepted evidence are left out."""
    changes = []
    for each in evidence:
        before = baseline.of(each.probe) if baseline else None
        if before and each.outcome == "measured":
            changes.append(_compare(each, before))
    return changes


def _compare(now: Evidence, before: Evidence) -> Changes:
    new, still = compare_findings(now.findings, Counter(each.fingerprint for each in before.findings))
    fixed, _ = compare_findings(before.findings, Counter(each.fingerprint for each in now.findings))
    return Changes(probe=now.probe, new=_prints(new), still=_prints(still), fixed=fixed, numbers=_numbers(now, before))


def _numbers(now: Evidence, before: Evidence) -> list[Change]:
    old = {(each.name, each.about): each.value for each in before.measurements}
    return [
        Change(measure=each.name, subject=each.about, unit=each.unit, before=old[each.name, each.about], now=each.value)
        for each in now.measurements
        if (each.name, each.about) in old and old[each.name, each.about] != each.value
    ]


def _prints(findings: Sequence[Finding]) -> list[str]:
    return [finding.fingerprint for finding in findings]
