"""What a person should know after the drill."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.databases.comparison import Difference, may_grow
from harness.databases.schema import SchemaChange
from harness.evidence import Finding, Severity
from harness.probes.integrity.report import describe
from harness.probes.way_back.drill import Result
from harness.probes.way_back.journey import Refusal

_LONGEST = 200


class Findings:
    """The findings of one drill; `locate` gives the file of a migration."""

    def __init__(self, result: Result, locate: Callable[[str], str]) -> None:
        self._result = result
        self._locate = locate

    def all(self) -> list[Finding]:
        """Return all findings, the worst first."""
        result = self._result
        found = [self._refused(result.backward.refusal)] if result.backward.refusal else []
        if result.losses:
            found += [self._lost("content-lost-backward", each) for each in result.losses.lost]
            found += [self._lost("late-write-lost", each) for each in result.losses.late]
        if result.tried:
            found += [_failing(name, what) for name, what in result.tried.failed.items()]
        if result.reads:
            found += [_hidden(name, what) for name, what in result.reads.how.items()]
            found += [_unreadable(each) for each in result.reads.unreadable]
        if result.forward and result.forward.refusal:
            found.append(self._refused_again(result.forward.refusal))
        if result.again:
            found += [_differs("forward-again-differs", each) for each in [*result.again.known, *result.again.new]]
            found += [
                _object("forward-again-differs", each, "after going forward again") for each in result.again.schema
            ]
        found += [_differs("restore-differs", each) for each in result.restore.differences]
        found += [_object("restore-differs", each, "after restoring the backup") for each in result.restore.schema]
        if result.losses:
            found += [
                _object("schema-left-over", each, "after going backward", "medium") for each in result.losses.schema
            ]
            found += [self._left(each) for each in result.losses.left]
        return found

    def _refused(self, refusal: Refusal) -> Finding:
        why = f"going backward stops here: {refusal.reason}"
        if refusal.only_with_late_writes:
            why += "; it goes backward only until the new release has written such rows"
        return Finding(
            code="irreversible" if refusal.irreversible else "backward-refused",
            severity="high",
            about=refusal.migration,
            why=why,
            remedy="Give the operation a reverse."
            if refusal.irreversible
            else "Let the reverse accept or convert such rows.",
            side="way back",
            file=self._locate(refusal.migration),
        )

    def _refused_again(self, refusal: Refusal) -> Finding:
        return Finding(
            code="forward-again-refused",
            severity="high",
            about=refusal.migration,
            why=f"after going backward, it cannot be applied again: {refusal.reason}",
            remedy="Let the reverse remove what the migration made.",
            side="way back",
            file=self._locate(refusal.migration),
        )

    def _lost(self, code: str, difference: Difference) -> Finding:
        migration, direction = self._result.culprits.get(difference.about, ("", ""))
        how = {
            "": "",
            "backward": f"; unapplying {migration} did it",
            "forward": f"; {migration} did it going forward, and its reverse does not restore it",
        }
        return Finding(
            code=code,
            severity="high",
            about=difference.about,
            why=f"after going backward, {describe(difference)}{how[direction]}",
            remedy="Restore it in the reverse, or keep what the old schema cannot hold until nobody goes back.",
            side="way back",
            file=self._locate(migration) if migration else "",
        )

    def _left(self, difference: Difference) -> Finding:
        table = self._result.before.schema.tables[difference.table]
        return Finding(
            code="rows-left-over",
            severity="low" if may_grow(table) else "medium",
            about=difference.about,
            why=f"after going backward, {describe(difference)} that nobody wrote",
            remedy="Remove in the reverse what the migration added.",
            side="way back",
        )


def _failing(name: str, what: str) -> Finding:
    return Finding(
        code="operation-fails-after-going-back",
        severity="high",
        about=name,
        why=f"after going backward, it {what}",
        remedy="Find out which late write or which leftover of the schema that release cannot take.",
        side="way back",
    )


def _hidden(name: str, what: str) -> Finding:
    return Finding(
        code="late-write-not-shown",
        severity="high",
        about=name,
        why=f"after going back, {what} where the new release shows what it wrote",
        remedy="Let the new release write it where the old one reads it, for as long as one may go back.",
        side="way back",
    )


def _unreadable(each: dict[str, Any]) -> Finding:
    about = f"{each['table']}.{each['column']}" if each["column"] else each["table"]
    return Finding(
        code="late-write-unreadable",
        severity="high",
        about=about,
        why=f"{each['rows']:,} late writes: {about} {each['case']} in the release that one returns to",
        remedy="Let the new release write only what the old one knows, for as long as one may go back.",
        side="way back",
    )


def _differs(code: str, difference: Difference) -> Finding:
    when = "after restoring the backup" if code == "restore-differs" else "after going backward and forward again"
    return Finding(
        code=code, severity="high", about=difference.about, why=f"{when}, {describe(difference)}", side="way back"
    )


def _object(code: str, change: SchemaChange, when: str, severity: Severity = "high") -> Finding:
    why = {
        "added": f"{when}, it is there and was not before",
        "removed": f"{when}, it is missing",
        "changed": f"{when}, it is {change.after[:_LONGEST]!r} and was {change.before[:_LONGEST]!r}",
    }
    return Finding(code=code, severity=severity, about=change.name, why=why[change.change], side="way back")
