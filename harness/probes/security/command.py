"""Runs Bandit in a process of its own and reads its report; its exit code says too little to be used."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import msgspec

from harness import subprocesses
from harness.errors import ProbeError
from harness.temporary import temporary_folder

FILES_AT_ONCE = 500
SECONDS = 600.0


class Issue(msgspec.Struct, frozen=True):
    """One result of Bandit; `code` are the flagged lines and their neighbours, each after its number."""

    filename: str
    test_id: str
    test_name: str
    issue_severity: str
    issue_confidence: str
    issue_text: str
    line_number: int
    code: str = ""
    line_range: list[int] = []

    @property
    def file(self) -> str:
        """The path relative to where Bandit ran."""
        return os.path.normpath(self.filename)

    @property
    def key(self) -> tuple[str, str, str]:
        """What stays the same when lines move: file, test, and the flagged lines without numbers and indentation."""
        flagged = set(self.line_range) or {self.line_number}
        lines = (line.lstrip().partition(" ") for line in self.code.splitlines())
        kept = [text.strip() for number, _, text in lines if number.isdigit() and int(number) in flagged]
        return self.file, self.test_id, "\n".join(kept)


class Skipped(msgspec.Struct, frozen=True):
    """A file that Bandit gave up on."""

    filename: str
    reason: str


class Report(msgspec.Struct):
    """A report of Bandit; `metrics` has a key per file that it opened."""

    results: list[Issue] = []
    errors: list[Skipped] = []
    metrics: dict[str, dict[str, float]] = {}

    def not_scanned(self, files: list[str]) -> dict[str, str]:
        """Return why each of `files` was not scanned, for those that were not."""
        why = {os.path.normpath(error.filename): error.reason for error in self.errors}
        opened = {os.path.normpath(name) for name in self.metrics}
        why |= dict.fromkeys({*files} - opened - {*why}, "its configuration excludes it (exclude_dirs)")
        return {file: why[file] for file in files if file in why}

    def blanket(self) -> list[str]:
        """Return the files in which something was suppressed by a `nosec` that names no test."""
        suppressed = {os.path.normpath(name) for name, counts in self.metrics.items() if counts.get("nosec")}
        return sorted(suppressed - {"_totals"})


def installed() -> bool:
    """Tell whether Bandit can run in this interpreter."""
    return importlib.util.find_spec("bandit") is not None


def scan(folder: Path, files: list[str], config: str, log: Path) -> Report:
    """Scan `files` (relative to `folder`); raises ProbeError where Bandit breaks off."""
    whole = Report()
    with temporary_folder("security") as scratch:
        for start in range(0, len(files), FILES_AT_ONCE):
            part = _scan(folder, files[start : start + FILES_AT_ONCE], config, log, Path(scratch, f"{start}.json"))
            whole.results += part.results
            whole.errors += part.errors
            whole.metrics |= part.metrics
    return whole


def read(folder: Path, name: str) -> Report:
    """Read the report of Bandit that lies at `name` below `folder`; raises ProbeError where it is none."""
    try:
        return msgspec.json.decode((folder / name).read_bytes(), type=Report)
    except OSError as error:
        raise ProbeError(f"{name} cannot be read ({error.strerror}); make it with 'bandit -f json'.") from None
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise ProbeError(f"{name} is not a report of Bandit in JSON ({error}).") from None


def _scan(folder: Path, files: list[str], config: str, log: Path, output: Path) -> Report:
    switches = ["--quiet", "--format", "json", "--output", str(output), "--exclude", ""]
    if config:
        switches += ["--configfile", config]
    code = subprocesses.run(
        [sys.executable, "-m", "bandit", *switches, *files],
        folder=folder,
        log=log,
        environment=subprocesses.clean_environment(),
        seconds=SECONDS,
    )
    if code not in (0, 1) or not output.is_file():
        raise ProbeError(f"Bandit ended with {code} and no report: {subprocesses.last_words(log)}")
    return read(output.parent, output.name)
