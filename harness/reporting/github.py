"""Annotations of GitHub Actions: workflow commands, one line for each finding."""

from __future__ import annotations

from collections.abc import Sequence

from harness.evidence import Finding
from harness.gate.words import worst_first

_COMMANDS = {"high": "error", "medium": "warning", "low": "notice"}


def of_findings(findings: Sequence[Finding]) -> str:
    """Render findings, the worst first, because GitHub shows only the first of each kind."""
    return "".join(_line(each) + "\n" for each in worst_first(findings))


def _line(finding: Finding) -> str:
    options = {"file": finding.file, "line": str(finding.line) if finding.line else "", "title": finding.code}
    given = ",".join(f"{key}={_property(value)}" for key, value in options.items() if value)
    example = f"\n{finding.example}" if finding.example else ""
    message = f"{finding.about}: {finding.why}. {finding.remedy}{example}"
    return f"::{_COMMANDS[finding.severity]} {given}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
