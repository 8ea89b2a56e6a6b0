"""Numbers and culprits in words."""

from __future__ import annotations

from collections.abc import Sequence

from harness.evidence import SEVERITIES, Finding

SHOWN = 3


def amount(value: float | int | None, unit: str = "") -> str:
    """Write a number for people: thousands grouped, at most three significant decimals, with its unit."""
    if value is None:
        return "-"
    if isinstance(value, int) or value.is_integer():
        text = f"{int(value):,}"
    elif abs(value) >= 100:
        text = f"{value:,.0f}"
    else:
        text = f"{value:.3g}"
    return f"{text} {unit}".strip()


def place(finding: Finding) -> str:
    """Name what a finding concerns, with its file and line where it has one."""
    where = f"{finding.file}:{finding.line}" if finding.file and finding.line else finding.file
    if not where or not finding.about or finding.about == finding.file:
        return where or finding.about
    return f"{finding.about} ({where})"


def worst_first(findings: Sequence[Finding]) -> list[Finding]:
    """Sort findings by severity, the worst first; equal ones keep their order."""
    return sorted(findings, key=lambda finding: -SEVERITIES.index(finding.severity))


def listing(names: Sequence[str]) -> str:
    """Join names; of many the first few and how many more there are."""
    distinct = list(dict.fromkeys(name for name in names if name))
    more = len(distinct) - SHOWN
    return ", ".join(distinct[:SHOWN]) + (f" and {more} more" if more > 0 else "")
