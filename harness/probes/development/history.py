"""Reads earlier runs: how each ended, when, and what its probes brought back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from statistics import median

import msgspec

from harness.errors import HarnessError, ProbeError
from harness.evidence import Evidence, Measurement, Provenance
from harness.runs import Run

FAILED = ("failed", "errors")


class Judged(msgspec.Struct, frozen=True):
    """What this probe needs of a ``verdict.json``."""

    phase: int
    forward: str
    provenance: Provenance


class Past(msgspec.Struct, frozen=True):
    """One earlier run that was judged."""

    phase: int
    forward: str
    started: datetime
    finished: datetime
    evidence: dict[str, Evidence]

    def number(self, probe: str, measure: str) -> float | None:
        """Return what a probe measured on the whole, None where it did not."""
        evidence = self.evidence.get(probe)
        if evidence is None or evidence.outcome != "measured" or evidence.unsound:
            return None
        return next((each.value for each in evidence.select(measure) if not each.about), None)


def read_history(runs: Path, without: Path) -> list[Past]:
    """Return the judged runs, oldest first; a run that was broken off has no verdict and does not count.

    Raises ProbeError for a run that cannot be read: with a gap no rate is right.
    """
    folders = [path.parent for path in runs.glob("*/verdict.json") if not path.parent.is_symlink()]
    found = [_read(folder) for folder in folders if folder.resolve() != without.resolve()]
    return sorted(found, key=lambda each: each.started)


def _read(folder: Path) -> Past:
    try:
        verdict = msgspec.json.decode((folder / "verdict.json").read_bytes(), type=Judged)
        return Past(
            phase=verdict.phase,
            forward=verdict.forward,
            started=datetime.fromisoformat(verdict.provenance.started),
            finished=datetime.fromisoformat(verdict.provenance.finished),
            evidence={each.probe: each for each in Run(folder).evidence()},
        )
    except (OSError, ValueError, msgspec.MsgspecError, HarnessError) as error:
        raise ProbeError(f"The run {folder.name} cannot be read ({error}); remove it or restore it.") from None


def of_runs(runs: list[Past]) -> list[Measurement]:
    """Measure each phase: runs, their median duration, and what it took until the first GO."""
    measured = [Measurement(name="runs", value=len(runs))]
    for phase in sorted({run.phase for run in runs}):
        mine = [run for run in runs if run.phase == phase]
        about = f"phase {phase}"
        seconds = median((run.finished - run.started).total_seconds() for run in mine)
        measured.append(Measurement(name="runs", value=len(mine), about=about))
        measured.append(Measurement(name="duration of a run", value=round(seconds, 1), unit="s", about=about))
        went = next((number for number, run in enumerate(mine) if run.forward == "GO"), None)
        if went is not None:
            hours = (mine[went].finished - mine[0].started).total_seconds() / 3600
            measured.append(Measurement(name="runs until GO", value=went + 1, about=about))
            measured.append(Measurement(name="time until GO", value=round(hours, 2), unit="h", about=about))
    return measured


def of_tests(runs: Iterable[Past]) -> list[Measurement]:
    """Measure how often tests fail, over the runs in which the probe "tests" measured; empty without any."""
    failed, all_tests, red, counted = 0.0, 0.0, 0, 0
    for run in runs:
        passed = run.number("tests", "passed")
        broken = sum(run.number("tests", name) or 0 for name in FAILED)
        if passed is not None and passed + broken:
            counted, red = counted + 1, red + bool(broken)
            failed, all_tests = failed + broken, all_tests + passed + broken
    if not counted:
        return []
    return [
        Measurement(name="test failure rate", value=round(100 * failed / all_tests, 3), unit="%"),
        Measurement(name="runs with failing tests", value=round(100 * red / counted, 2), unit="%"),
    ]


def of_findings(runs: list[Past]) -> list[Measurement]:
    """Count findings that came and went from one run of a phase to the next; a phase with one run has none to count.

    Only what both runs measured is compared: a probe that broke off has closed nothing.
    """
    measured = []
    for phase in sorted({run.phase for run in runs}):
        mine = [run for run in runs if run.phase == phase]
        steps = [_step(before, after) for before, after in pairwise(mine)]
        for place, name in enumerate(("findings opened", "findings closed")) if steps else ():
            measured.append(Measurement(name=name, value=sum(step[place] for step in steps), about=f"phase {phase}"))
    return measured


def of_documentation(runs: Iterable[Past]) -> list[Measurement]:
    """Measure how the share of documented definitions moved, in percentage points; empty with less than two runs."""
    shares = [share for run in runs if (share := run.number("documentation", "documented")) is not None]
    if len(shares) < 2:
        return []
    return [Measurement(name="documentation trend", value=round(shares[-1] - shares[0], 2), unit="points")]


def _step(before: Past, after: Past) -> tuple[int, int]:
    opened = closed = 0
    for probe in before.evidence.keys() & after.evidence.keys():
        old, new = before.evidence[probe], after.evidence[probe]
        if old.outcome == new.outcome == "measured":
            was, now = ({each.fingerprint for each in evidence.findings} for evidence in (old, new))
            opened, closed = opened + len(now - was), closed + len(was - now)
    return opened, closed
