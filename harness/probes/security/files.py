"""Finds the Python files that must be scanned, so that those which were not can be named."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from harness.errors import ProbeError


def expected(folder: Path, paths: list[str], leave_out: list[str]) -> list[str]:
    """Return the Python files below `paths`, relative to `folder`; raises ProbeError where a path does not exist."""
    found: set[str] = set()
    for path in paths:
        if not (folder / path).exists():
            raise ProbeError(f"{path!r}, which the security probe should scan, does not exist in {folder}.")
        found |= {os.path.relpath(file, folder) for file in _python_files(folder / path)}
    return sorted(file for file in found if not _left_out(file, leave_out))


def _python_files(path: Path) -> Iterator[Path]:
    """Walk a folder without hidden folders and virtual environments."""
    if path.is_file():
        yield path
        return
    for parent, folders, files in os.walk(path):
        folders[:] = [name for name in folders if not name.startswith(".") and name != "__pycache__"]
        folders[:] = [name for name in folders if not Path(parent, name, "pyvenv.cfg").is_file()]
        yield from (Path(parent, name) for name in files if name.endswith(".py"))


def _left_out(file: str, leave_out: list[str]) -> bool:
    return any(file.startswith(pattern.rstrip("/") + "/") or fnmatch(file, pattern) for pattern in leave_out)
