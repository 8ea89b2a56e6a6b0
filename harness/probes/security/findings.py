"""Words the findings of the security probe; no code and no secret gets into them."""

from __future__ import annotations

import re

from harness.evidence import SEVERITIES, Finding, Severity
from harness.probes.security.advice import advise
from harness.probes.security.command import Issue
from harness.probes.security.nosec import Suppression

SECRETS = ("B105", "B106", "B107")
_QUOTED = re.compile(r":? *(['\"]).*\1", re.DOTALL)
_LEVELS: dict[str, Severity] = {"HIGH": "high", "MEDIUM": "medium"}


def of_files(not_scanned: dict[str, str]) -> list[Finding]:
    """Name each file that Bandit did not scan, and why."""
    remedy = "Make it valid for the Python that runs the harness, or leave it out by name."
    return [
        Finding(code="not-scanned", severity="high", about=file, why=f"not scanned: {why}", remedy=remedy, file=file)
        for file, why in not_scanned.items()
    ]


def of_issues(issues: list[Issue]) -> list[Finding]:
    """Word the findings of Bandit, the gravest first; `about` tells apart several of a kind in one file."""
    found, seen = [], dict[tuple[str, str], int]()
    for issue in sorted(issues, key=lambda each: (-_rank(each), each.file, each.line_number)):
        kind = (issue.file, issue.test_id)
        seen[kind] = seen.get(kind, 0) + 1
        found.append(_finding(issue, seen[kind]))
    return found


def of_suppressions(blanket: list[Suppression]) -> list[Finding]:
    """Name each comment that silences every test of its line."""
    return [
        Finding(
            code="blanket-nosec",
            severity="medium",
            about=each.file,
            why="a nosec comment without a test's id silences every finding of its line, later ones too",
            remedy="Write the id and the reason: # nosec B602  # why it is safe",
            file=each.file,
            line=each.line,
        )
        for each in blanket
    ]


def by_severity(issues: list[Issue]) -> dict[Severity, int]:
    """Count findings by severity, all three of them."""
    return {level: sum(severity(issue) == level for issue in issues) for level in SEVERITIES}


def severity(issue: Issue) -> Severity:
    """Translate Bandit's word; what it calls undefined is low."""
    return _LEVELS.get(issue.issue_severity, "low")


def _rank(issue: Issue) -> int:
    return SEVERITIES.index(severity(issue))


def _finding(issue: Issue, number: int) -> Finding:
    said = _QUOTED.sub("", issue.issue_text) if issue.test_id in SECRETS else issue.issue_text
    return Finding(
        code=issue.test_id,
        severity=severity(issue),
        about=issue.file if number == 1 else f"{issue.file} ({number})",
        why=f"{said.rstrip('.')} (confidence {issue.issue_confidence.lower()})",
        remedy=advise(issue.test_id, issue.test_name),
        file=issue.file,
        line=issue.line_number,
    )
