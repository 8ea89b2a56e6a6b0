"""Other work on the same cores: processes that are busy about half of the time, in bursts that nobody can foresee."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

WORK = """
import random, time

while True:
    end = time.perf_counter() + random.uniform(0.005, 0.1)
    while time.perf_counter() < end:
        pass
    time.sleep(random.uniform(0.005, 0.1))
"""


@contextmanager
def neighbours(count: int) -> Iterator[None]:
    """Let so many of them work meanwhile."""
    with ExitStack() as stack:
        for _ in range(count):
            process = stack.enter_context(subprocess.Popen([sys.executable, "-c", WORK]))
            stack.callback(process.kill)
        yield
