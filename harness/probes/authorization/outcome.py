"""What came of the checks: which answers are wrong, and in what way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal

from harness.evidence import Finding, Severity
from harness.operations import ANONYMOUS, Operation
from harness.probes.authorization.checks import HIDDEN, REFUSALS, Check, is_refused
from harness.probes.cast import OTHERS, failure
from harness.probes.parity import trees

Answer = dict[str, Any]
Wrong = Literal["wrongly allowed", "wrongly refused", "wrote although refused", "leaks"]

_CODES: dict[Wrong, tuple[str, Severity, str]] = {
    "wrongly allowed": (
        "authorization-wrongly-allowed",
        "high",
        "Ask who it is before anything else, in the service and not only in the view.",
    ),
    "wrongly refused": (
        "authorization-wrongly-refused",
        "high",
        "Let the actor do it, or take the actor out of 'allow' in operations.toml.",
    ),
    "wrote although refused": (
        "authorization-wrote-although-refused",
        "high",
        "Check the permission before writing, or write in a transaction that the refusal rolls back.",
    ),
    "leaks": (
        "authorization-leak",
        "medium",
        "Look the object up among those that the actor may see, so that all others are not found.",
    ),
}


@dataclass(frozen=True)
class Outcome:
    """One check with its answers; the first is that of the request itself."""

    check: Check
    answers: list[Answer]
    may_write: tuple[str, ...]

    @property
    def status(self) -> int:
        """The status of the answer."""
        return int(self.answers[0]["status"])

    @property
    def operation(self) -> Operation:
        """The operation that was asked for."""
        return self.check.case.operation

    @property
    def doubt(self) -> str:
        """Say why it cannot be known what was written, "" if it can."""
        if self.check.expected != "served" and self.answers[0]["rows"] is None:
            what = f"{self.operation.name!r} {self.check.case.name}"
            return f"{what}: its transaction is broken, so what it wrote is not known."
        return ""

    def wrongs(self) -> Iterator[tuple[Wrong, str]]:
        """Yield what is wrong, in words."""
        status, who = self.status, self._who()
        if self.check.expected == "served":
            if status not in self.operation.expect:
                expected = " or ".join(map(str, self.operation.expect))
                yield "wrongly refused", f"{who} gets {status}{self._failure()} instead of {expected}"
            return
        if status not in REFUSALS:
            yield "wrongly allowed", f"{who} gets {status}{self._failure()} instead of a refusal; {self._allowed()}"
        elif self._written():
            yield "wrote although refused", f"{who} gets {status}, but {', '.join(self._written())} was written"
        if is_refused(self.answers[0]) and (leak := self._leak()):
            yield "leaks", f"{who} {leak}"

    def findings(self) -> Iterator[Finding]:
        """Yield a finding for everything that is wrong."""
        for wrong, why in self.wrongs():
            code, severity, remedy = _CODES[wrong]
            yield Finding(code=code, severity=severity, about=self.operation.name, why=why, remedy=remedy)

    def _who(self) -> str:
        name = self.check.case.sender.name
        return f"{name} with {OTHERS}" if self.check.others else name

    def _allowed(self) -> str:
        if self.check.others:
            return "the object belongs to another person"
        names = self.operation.allow or ["every declared actor"]
        return f"only {', '.join(names if self.operation.actor else [*names, ANONYMOUS])} may"

    def _failure(self) -> str:
        reason = failure(self.answers[0])
        return f" ({reason})" if reason else ""

    def _written(self) -> list[str]:
        """Return the tables that were written to, without those that may be."""
        tables = sorted({each["table"] for each in self.answers[0]["rows"] or []})
        return [table for table in tables if not any(fnmatchcase(table, pattern) for pattern in self.may_write)]

    def _leak(self) -> str:
        """Say how the answer tells that the object exists, "" if it does not."""
        answer, *absent = self.answers
        if self.check.expected == "hidden" and self.status != HIDDEN:
            return f"gets {self.status} and not 404, which tells that the object exists"
        if absent and self.status != absent[0]["status"]:
            return f"gets {self.status}, but {absent[0]['status']} where no such object exists"
        bodies = [each["body"] for each in absent]
        if absent and any(trees.differences(trees.blur(bodies[0], bodies[1:]), answer["body"])):
            return "reads another answer than where no such object exists"
        return ""
