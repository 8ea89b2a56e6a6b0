"""What all tests need: a Ctrl-C that arrives, and temporary servers in memory where there is plenty."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")
ENOUGH = 10 * 1024**3
OBSERVED = "COVERAGE_PROCESS_CONFIG"
COVERAGE = os.environ.get(OBSERVED, "")

# Shells start what they put into the background with SIGINT ignored, and every program started from here inherits that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def has_room(folder: Path) -> bool:
    """Whether a folder takes all databases of a whole run, and lets programs run: a server may be copied there."""
    return folder.is_dir() and shutil.disk_usage(folder).free > ENOUGH and not os.statvfs(folder).f_flag & os.ST_NOEXEC


# Copies of databases come and go by the hundred; pytest's own folders stay where they are, to be looked at afterwards.
if "TMPDIR" not in os.environ and has_room(MEMORY):
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", tempfile.gettempdir())
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Let coverage look into the programs of quick tests only: to slow ones it would add a third of their time."""
    os.environ.pop(OBSERVED, None)
    if COVERAGE and not item.get_closest_marker("slow"):
        os.environ[OBSERVED] = COVERAGE
