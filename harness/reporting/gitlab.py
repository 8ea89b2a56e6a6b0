"""GitLab's Code Quality report."""

from __future__ import annotations

import json
from collections.abc import Sequence

from harness.evidence import Evidence, Finding
from harness.gate.verdict import Verdict

_SEVERITIES = {"high": "critical", "medium": "major", "low": "minor"}


def render(verdict: Verdict, evidence: Sequence[Evidence]) -> str:
    """Render the findings of a run that no waiver covers."""
    waived = {
        fingerprint
        for judgement in verdict.criteria
        if judgement.decision == "waived"
        for fingerprint in judgement.findings
    }
    found = [finding for each in evidence for finding in each.findings]
    return of_findings([finding for finding in found if finding.fingerprint not in waived])


def of_findings(findings: Sequence[Finding]) -> str:
    """Render findings; one that belongs to no file is shown at the rollout file."""
    return json.dumps([_entry(each) for each in findings], indent=2, ensure_ascii=False) + "\n"


def _entry(finding: Finding) -> dict[str, object]:
    return {
        "description": f"{finding.about}: {finding.why}. {finding.remedy}".strip(),
        "check_name": finding.code,
        "fingerprint": finding.fingerprint,
        "severity": _SEVERITIES[finding.severity],
        "location": {"path": finding.file or "rollout.toml", "lines": {"begin": max(1, finding.line)}},
    }
