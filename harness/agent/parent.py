"""A server must not outlive the harness, which holds the other end of its standard input."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable


def follow_the_harness(pid: int, is_there: Callable[[], bool] = lambda: True) -> None:
    """Watch the standard input in a thread and end the process `pid` when the harness is gone.

    `is_there` guards against a number that meanwhile belongs to another process.
    """

    def watch() -> None:
        while os.read(0, 1024):
            pass
        if is_there():
            os.kill(pid, signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
