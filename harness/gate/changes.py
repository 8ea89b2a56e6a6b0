"""What changed since the baseline or another run: findings that came and went, numbers that moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from harness.evidence import Evidence, Finding
from harness.gate.baseline import compare_findings
from harness.gate.verdict import Change, Changes


def compare(evidence: Sequence[Evidence], earlier: Sequence[Evidence]) -> list[Changes]:
    """Compare each probe's evidence with an earlier one; probes that did not measure both times are left out."""
    before = {each.probe: each for each in earlier if each.outcome == "measured"}
    return [
        _compare(each, before[each.probe]) for each in evidence if each.outcome == "measured" and each.probe in before
    ]


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
