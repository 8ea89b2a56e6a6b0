"""The folder of one run: evidence, verdict, reports, logs and artifacts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from harness.errors import UsageError
from harness.evidence import Evidence


class Run:
    """A folder ``reports/runs/<utc time>-phase-<n>``; ``latest`` beside it points at the newest."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def create(cls, runs: Path, phase: int) -> Run:
        """Make a new folder; two runs at once get two folders."""
        stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")
        for suffix in ("", *(f"-{number}" for number in range(2, 1000))):
            folder = runs / f"{stamp}-phase-{phase}{suffix}"
            try:
                folder.mkdir(parents=True)
            except FileExistsError:
                continue
            (folder / "logs").mkdir()
            (folder / "artifacts").mkdir()
            (folder / "evidence.jsonl").touch()
            return cls(folder)
        raise UsageError(f"{runs} has too many runs of this second; wait and try again.")

    @classmethod
    def find(cls, runs: Path, name: str = "latest") -> Run:
        """Return the run of that name or path; raises UsageError where there is none."""
        for folder in (Path(name), runs / name):
            if (folder / "evidence.jsonl").is_file():
                return cls(folder.resolve())
        raise UsageError(f"There is no run {name!r} in {runs}; run 'harness gate PHASE' first or name its folder.")

    def publish(self) -> None:
        """Point ``latest`` at this run, in one step."""
        link = self.folder.parent / f".latest-{os.getpid()}"
        link.unlink(missing_ok=True)
        link.symlink_to(self.folder.name)
        link.replace(self.folder.parent / "latest")

    def append(self, evidence: Evidence) -> None:
        """Add one line to ``evidence.jsonl``."""
        with (self.folder / "evidence.jsonl").open("ab") as file:
            file.write(msgspec.json.encode(evidence) + b"\n")

    def evidence(self) -> Iterator[Evidence]:
        """Read ``evidence.jsonl`` back; raises UsageError that names the first line that is broken."""
        decoder = msgspec.json.Decoder(Evidence)
        with (self.folder / "evidence.jsonl").open("rb") as file:
            for number, line in enumerate(file, start=1):
                try:
                    yield decoder.decode(line)
                except msgspec.MsgspecError as error:
                    raise UsageError(
                        f"{file.name}, line {number} cannot be read: {error}; run the gate again."
                    ) from None
