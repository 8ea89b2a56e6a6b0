"""Accepted breaches: which are in force, which they cover, and which nobody needs."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from fnmatch import fnmatchcase

from harness.evidence import Finding
from harness.gate.criteria import FINDINGS
from harness.gate.verdict import WaiverState
from harness.rollout import Waiver


class Waivers:
    """The waivers that concern one phase; it remembers which were used."""

    def __init__(self, waivers: list[Waiver], phase: int, today: datetime.date) -> None:
        self._all = [waiver for waiver in waivers if waiver.phase in (0, phase)]
        self._today = today
        self._used: set[Waiver] = set()

    def cover_number(self, probe: str, measure: str, subject: str) -> Waiver | None:
        """Return the waiver in force that covers a number of that subject."""
        return self._first(probe, lambda waiver: _covers_number(waiver, measure, subject))

    def cover_finding(self, probe: str, finding: Finding) -> Waiver | None:
        """Return the waiver in force that covers a finding."""
        return self._first(probe, lambda waiver: _covers_finding(waiver, finding))

    def states(self) -> list[WaiverState]:
        """Tell what became of each waiver."""
        return [self._state(waiver) for waiver in self._all]

    def _first(self, probe: str, covers: Callable[[Waiver], bool]) -> Waiver | None:
        for waiver in self._all:
            if waiver.probe == probe and self._today <= waiver.until and covers(waiver):
                self._used.add(waiver)
                return waiver
        return None

    def _state(self, waiver: Waiver) -> WaiverState:
        state = "in force" if waiver in self._used else "unused"
        return WaiverState(
            state="expired" if waiver.until < self._today else state,  # type: ignore[arg-type]
            owner=waiver.owner,
            reason=waiver.reason,
            until=waiver.until.isoformat(),
            covers=describe(waiver),
        )


def describe(waiver: Waiver) -> str:
    """Say in words what a waiver covers."""
    what = f"findings {waiver.code}" if waiver.code else waiver.measure
    return f"{waiver.probe}: {what}" + (f" of {waiver.about}" if waiver.about != "*" else "")


def _covers_number(waiver: Waiver, measure: str, subject: str) -> bool:
    return not waiver.code and waiver.measure == measure and fnmatchcase(subject, waiver.about)


def _covers_finding(waiver: Waiver, finding: Finding) -> bool:
    kind = waiver.code == finding.code if waiver.code else waiver.measure == FINDINGS
    return kind and (fnmatchcase(finding.about, waiver.about) or fnmatchcase(finding.file, waiver.about))
