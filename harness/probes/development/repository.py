"""Reads the history of the repository: when the files of a phase were changed."""

from __future__ import annotations

import subprocess
from datetime import date
from pathlib import Path

from harness.errors import ProbeError
from harness.evidence import Measurement

SECONDS = 60


def why_not(folder: Path) -> str:
    """Say why the history cannot be counted, "" if it can."""
    try:
        shallow = _git(folder, "rev-parse", "--is-shallow-repository")
    except (OSError, ProbeError):
        return "the rollout file does not lie in a git repository"
    return "the repository is a shallow clone, its history is cut off" if shallow == ["true"] else ""


def of_commits(folder: Path, work: dict[str, list[str]]) -> list[Measurement]:
    """Measure the commits to the files of each phase; raises ProbeError for a path that never existed."""
    measured = []
    for phase, paths in work.items():
        for path in paths:
            if not (folder / path).exists() and not _days(folder, [path]):
                raise ProbeError(f"'work' of phase {phase} names {path!r}, which does not exist and never did.")
        days = _days(folder, paths)
        about = f"phase {phase}"
        measured.append(Measurement(name="commits", value=len(days), about=about))
        if days:
            elapsed = (max(days) - min(days)).days + 1
            measured.append(Measurement(name="days with commits", value=len({*days}), unit="d", about=about))
            measured.append(Measurement(name="elapsed days", value=elapsed, unit="d", about=about))
    return measured


def _days(folder: Path, paths: list[str]) -> list[date]:
    """Return the day on which each commit was written, by its author's clock; merges are left out."""
    lines = _git(folder, "log", "--no-merges", "--format=%as", "--", *paths)
    return [date.fromisoformat(line) for line in lines]


def _git(folder: Path, *arguments: str) -> list[str]:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False)
    if done.returncode != 0:
        raise ProbeError(f"git {arguments[0]} failed: {done.stderr.strip()[:200]}")
    return done.stdout.split()
