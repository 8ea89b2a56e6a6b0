"""What tests ask of processes that may end at any moment."""

from __future__ import annotations

import psutil


def has_ended(pid: int) -> bool:
    """Tell whether a process is no more, or waits for nothing but its parent."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
