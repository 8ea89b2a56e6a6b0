"""What the gate says: ``verdict.json``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from harness.errors import UsageError
from harness.evidence import Finding, Outcome, Provenance, Severity

Decision = Literal["ok", "breach", "waived", "missing", "unsound"]
Forward = Literal["GO", "NO-GO", "HOLD"]
WayBack = Literal["OPEN", "CLOSED", "UNPROVEN"]
State = Literal["ok", "waived", "BREACH", "HOLD", "skipped"]
EXIT_CODES: dict[Forward, int] = {"GO": 0, "NO-GO": 1, "HOLD": 3}


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one criterion.

    `observed` is the worst number (or the count of findings), `subject` what it was measured on, `baseline` the number
    that it was compared with; `reason` says in words what happened and names the culprit. `findings` are the
    fingerprints of what broke it.
    """

    probe: str
    measure: str
    require: str
    answers: Literal["forward", "way back"]
    decision: Decision
    reason: str
    observed: float | int | None = None
    baseline: float | int | None = None
    unit: str = ""
    subject: str = ""
    about: str = "*"
    severity: Severity = "low"
    why: str = ""
    findings: list[str] = []

    @property
    def needs_words(self) -> bool:
        """Whether a row with its numbers leaves something to say: it is not as required, or what it was measured on."""
        return self.decision != "ok" or bool(self.subject)


class ProbeState(msgspec.Struct, frozen=True, kw_only=True):
    """How a probe stands: its evidence and its criteria together."""

    probe: str
    state: State
    outcome: Outcome | Literal["absent"]
    reason: str = ""
    listed: bool = True


class WaiverState(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a waiver: "in force" and used, "expired", or "unused"."""

    state: Literal["in force", "expired", "unused"]
    owner: str
    reason: str
    until: str
    covers: str


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """How a number moved since the baseline."""

    measure: str
    subject: str
    unit: str
    before: float | int
    now: float | int


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """What changed in a probe's evidence since the baseline; findings as fingerprints, fixed ones in full."""

    probe: str
    new: list[str] = []
    still: list[str] = []
    fixed: list[Finding] = []
    numbers: list[Change] = []


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """The baseline that was compared with: who accepted which run, when, on which machine and commit."""

    run: str
    by: str
    at: str
    despite: str = ""
    commit: str = ""
    same_machine: bool = True
    same_data: bool = True


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to both questions, and everything that it rests on.

    `judged` maps each probe to the SHA-256 of its line in ``evidence.jsonl``.
    """

    schema: Literal[1] = 1
    rollout: str
    phase: int
    phases: int
    name: str
    forward: Forward
    way_back: WayBack
    reasons: list[str]
    next_action: str
    criteria: list[Judgement]
    probes: list[ProbeState]
    waivers: list[WaiverState]
    changes: list[Changes]
    baseline: Accepted | None
    judged: dict[str, str]
    provenance: Provenance

    @property
    def exit_code(self) -> int:
        """0 for GO, 1 for NO-GO, 3 for HOLD."""
        return EXIT_CODES[self.forward]

    def of(self, probe: str) -> list[Judgement]:
        """Return what became of the criteria of that probe."""
        return [each for each in self.criteria if each.probe == probe]


def write_verdict(verdict: Verdict, path: Path) -> None:
    """Write a verdict as indented JSON."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(verdict), indent=2) + b"\n")


def read_verdict(path: Path) -> Verdict:
    """Read a verdict back; raises UsageError where there is none or it is of another version."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Verdict)
    except FileNotFoundError:
        raise UsageError(f"{path} does not exist; that run was not judged, run 'harness gate PHASE' again.") from None
    except msgspec.MsgspecError as error:
        raise UsageError(f"{path} cannot be read: {error}; run 'harness gate PHASE' again.") from None
