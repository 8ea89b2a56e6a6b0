"""The language that every room speaks: what was measured, what was found, and where it came from."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Literal

import msgspec

Outcome = Literal["measured", "skipped", "error"]
Severity = Literal["low", "medium", "high"]
SEVERITIES: tuple[Severity, ...] = ("low", "medium", "high")


class Measurement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One number with its name and unit; `about` is its subject (an operation, a table), "" for the whole."""

    name: str
    value: float | int
    unit: str = ""
    about: str = ""


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that a person should know: `code` says what kind, `about` what it concerns, `why` and `remedy`
    in words.

    `side` names the question that it bears on: going forward or coming back. `example` is the remedy as code.
    """

    code: str
    severity: Severity
    about: str
    why: str
    remedy: str = ""
    side: Literal["forward", "way back"] = "forward"
    file: str = ""
    line: int = 0
    example: str = ""

    @property
    def fingerprint(self) -> str:
        """Its identity over runs: code, subject, file and reason without line numbers, as 16 hex digits."""
        return hashlib.sha256("\0".join((self.code, self.about, self.file, self.why)).encode()).hexdigest()[:16]


class Artifact(msgspec.Struct, frozen=True, kw_only=True):
    """A file in the run's folder: path relative to it, what it shows, and its SHA-256."""

    path: str
    title: str
    sha256: str

    @classmethod
    def of(cls, path: Path, folder: Path, title: str) -> Artifact:
        """Describe the file `path`, which lies below `folder`."""
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        return cls(path=path.relative_to(folder).as_posix(), title=title, sha256=digest)


class Evidence(msgspec.Struct, kw_only=True):
    """What one probe brings back: it never decides.

    `summary` is its line in the terminal, `details` what the HTML report shows (JSON types only; `details["tables"]`
    is a
    list of {"title", "columns", "rows"}). `reason` says why it was skipped or failed; `unsound` lists why the
    numbers must
    not be believed. `seconds` is its wall time.
    """

    probe: str
    outcome: Outcome
    summary: str = ""
    reason: str = ""
    unsound: list[str] = []
    measurements: list[Measurement] = []
    findings: list[Finding] = []
    artifacts: list[Artifact] = []
    details: dict[str, Any] = {}
    started: str = ""
    seconds: float = 0.0

    def select(self, name: str) -> list[Measurement]:
        """Return all measurements of that name, one per subject."""
        return [measurement for measurement in self.measurements if measurement.name == name]


class Provenance(msgspec.Struct, kw_only=True):
    """Where a run came from: commit, configuration hashes, machine and versions."""

    commit: str = ""
    dirty: bool = False
    rollout_sha256: str = ""
    operations_sha256: str = ""
    machine: dict[str, str | int] = {}
    versions: dict[str, str] = {}
    database: str = ""
    command: str = ""
    started: str = ""
    finished: str = ""
    quick: bool = False
