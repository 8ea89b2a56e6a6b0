"""Comments in a migration that accept a hazard: ``# harness: accept CODE until=2027-01-31 reason="..."``."""

from __future__ import annotations

import datetime
import re
import tokenize
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from harness.evidence import Finding
from harness.probes.migrations.source import shown

_MARK = re.compile(r"#\s*harness:\s*accept\b(?P<rest>.*)$")
_WHOLE = re.compile(r'\s+(?P<code>[\w-]+)\s+until=(?P<until>\d{4}-\d{2}-\d{2})\s+reason="(?P<reason>[^"]*\S[^"]*)"\s*$')


# Where a migration fails, what comes after it was not measured, and what was not measured cannot be accepted.
_NEVER = ("migration-fails", "concurrent-build-in-transaction", "transaction-left-open", "reaches-beyond-the-database")


@dataclass(frozen=True)
class Acceptance:
    """An accepted hazard of one migration file: all findings of `code` there, until a day, for a reason."""

    code: str
    until: datetime.date
    reason: str
    path: str
    line: int


@dataclass
class Judged:
    """Findings that count, and those that a comment accepts with it."""

    open: list[Finding] = field(default_factory=list)
    accepted: list[tuple[Finding, Acceptance]] = field(default_factory=list)


def apply(findings: Sequence[Finding], files: Sequence[str], root: Path, today: datetime.date) -> Judged:
    """Set findings apart that comments in these files accept; comments that are of no use become findings.

    An expired comment accepts nothing, and one that cannot be understood neither.
    """
    judged = Judged()
    acceptances, unclear = _read_all(files, root)
    unclear += [_never(each) for each in acceptances if each.code in _NEVER]
    acceptances = [each for each in acceptances if each.code not in _NEVER]
    used: set[Acceptance] = set()
    for finding in findings:
        fitting = [each for each in acceptances if each.path == finding.file and each.code == finding.code]
        valid = next((each for each in fitting if each.until >= today), None)
        used |= set(fitting)
        if valid:
            judged.accepted.append((finding, valid))
        else:
            judged.open.append(finding)
    judged.open += [_expired(each) for each in acceptances if each in used and each.until < today]
    judged.open += [_unneeded(each, findings) for each in acceptances if each not in used]
    judged.open += unclear
    return judged


def _read_all(files: Sequence[str], root: Path) -> tuple[list[Acceptance], list[Finding]]:
    acceptances: list[Acceptance] = []
    unclear: list[Finding] = []
    for file in dict.fromkeys(files):
        path = Path(file)
        if path.suffix != ".py" or not path.is_file():
            continue
        name = shown(file, root)
        for line, rest in _comments(path):
            found = _understand(rest, name, line)
            if found:
                acceptances.append(found)
            else:
                unclear.append(_unclear(name, line))
    return acceptances, unclear


def _comments(path: Path) -> list[tuple[int, str]]:
    with tokenize.open(path) as file:
        tokens = [each for each in tokenize.generate_tokens(file.readline) if each.type == tokenize.COMMENT]
    marked = [(each.start[0], _MARK.match(each.string)) for each in tokens]
    return [(line, found["rest"]) for line, found in marked if found]


def _understand(rest: str, path: str, line: int) -> Acceptance | None:
    found = _WHOLE.match(rest)
    if not found:
        return None
    try:
        until = datetime.date.fromisoformat(found["until"])
    except ValueError:
        return None
    return Acceptance(found["code"], until, found["reason"], path, line)


def _expired(each: Acceptance) -> Finding:
    why = f"the acceptance of {each.code} ended on {each.until}: {each.reason}"
    return _about(each.path, each.line, "expired-acceptance", "medium", why, "Do what it put off, or decide anew.")


def _never(each: Acceptance) -> Finding:
    why = f"a {each.code} cannot be accepted: what comes after it was not measured"
    return _about(each.path, each.line, "unreadable-acceptance", "medium", why, "Mend the migration.")


def _unneeded(each: Acceptance, findings: Sequence[Finding]) -> Finding:
    here = [finding.code for finding in findings if finding.file == each.path]
    nearest = get_close_matches(each.code, here, 1)
    why = f"nothing that was found here is a {each.code}, which this comment accepts"
    why += f"; did you mean {nearest[0]}?" if nearest else ""
    return _about(each.path, each.line, "unneeded-acceptance", "low", why, "Remove the comment.")


def _unclear(path: str, line: int) -> Finding:
    why = "this comment begins like an acceptance and cannot be understood, so that it accepts nothing"
    remedy = 'Write # harness: accept CODE until=YYYY-MM-DD reason="..." with the code of a hazard.'
    return _about(path, line, "unreadable-acceptance", "medium", why, remedy)


def _about(path: str, line: int, code: str, severity: str, why: str, remedy: str) -> Finding:
    about = Path(path).stem
    return Finding(code=code, severity=severity, about=about, why=why, remedy=remedy, file=path, line=line)  # type: ignore[arg-type]
