"""Temporary folders that do not outlive the harness: what one that was killed has left is removed by the next."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from functools import cache
from pathlib import Path

from harness.owner import abandoned, mark

PREFIX = "harness-"
OWNER = ".owner"
HALF_MADE = 60.0  # seconds; making a folder and its mark takes no time


def temporary_folder(purpose: str) -> tempfile.TemporaryDirectory[str]:
    """Make a temporary folder ``harness-<purpose>-...``, gone with its context or with the next start of a harness."""
    _sweep_once(tempfile.gettempdir())
    folder = tempfile.TemporaryDirectory(prefix=f"{PREFIX}{purpose}-", ignore_cleanup_errors=True)
    if text := mark():
        Path(folder.name, OWNER).write_text(text, encoding="utf-8")
    return folder


def sweep(base: Path) -> None:
    """Remove the folders of this user below `base` whose harness has ended without removing them."""
    for folder in base.glob(f"{PREFIX}*"):
        if _is_left_over(folder):
            shutil.rmtree(folder, ignore_errors=True)


@cache
def _sweep_once(base: str) -> None:
    sweep(Path(base))


def _is_left_over(folder: Path) -> bool:
    """Tell whether a folder is surely ours and surely abandoned; one that vanishes meanwhile is not.

    An empty one lost its mark to a harness that was killed while it removed the folder, or has not got it yet.
    """
    try:
        if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
            return False
        if not any(folder.iterdir()):
            return time.time() - folder.stat().st_mtime > HALF_MADE
        return abandoned((folder / OWNER).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return False
