"""SARIF 2.1.0, which code scanning services read."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from harness import __version__
from harness.evidence import Evidence, Finding
from harness.gate.verdict import Verdict

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"high": "error", "medium": "warning", "low": "note"}
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


def render(verdict: Verdict, evidence: Sequence[Evidence]) -> str:
    """Render the findings of a run; those that a waiver covers are suppressed."""
    found = [finding for each in evidence for finding in each.findings]
    waived = {
        fingerprint: judgement.reason
        for judgement in verdict.criteria
        if judgement.decision == "waived"
        for fingerprint in judgement.findings
    }
    return of_findings(found, waived)


def of_findings(findings: Sequence[Finding], accepted: Mapping[str, str] | None = None) -> str:
    """Render findings; `accepted` maps the fingerprints of those that are accepted to the reason."""
    codes = list(dict.fromkeys(finding.code for finding in findings))
    rules = [_rule(code, next(each for each in findings if each.code == code)) for code in codes]
    driver = {"name": "harness", "version": __version__, "rules": rules}
    results = [_result(each, codes.index(each.code), accepted or {}) for each in findings]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _rule(code: str, finding: Finding) -> dict[str, Any]:
    return {
        "id": code,
        "shortDescription": {"text": code.replace("-", " ")},
        "help": {"text": _text(finding.remedy or finding.why)},
        "defaultConfiguration": {"level": _LEVELS[finding.severity]},
    }


def _result(finding: Finding, index: int, accepted: Mapping[str, str]) -> dict[str, Any]:
    example = f"\n{finding.example}" if finding.example else ""
    message = f"{finding.about}: {finding.why}. {finding.remedy}{example}"
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": _text(message)},
        "partialFingerprints": {"harness/v1": finding.fingerprint},
    }
    if finding.file:
        physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(finding.file)}}
        if finding.line:
            physical["region"] = {"startLine": finding.line}
        result["locations"] = [{"physicalLocation": physical}]
    if finding.fingerprint in accepted:
        result["suppressions"] = [{"kind": "external", "justification": _text(accepted[finding.fingerprint])}]
    return result


def _uri(path: str) -> str:
    from urllib.parse import quote

    return quote(path)


def _text(text: str) -> str:
    return _FORBIDDEN.sub("", text) or "-"
