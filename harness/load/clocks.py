"""How busy this process and the whole machine are."""

from __future__ import annotations

import time
from typing import NamedTuple

import psutil


class Clocks(NamedTuple):
    """Time gone, this process's CPU time, and what all cores of the machine have worked and had, in seconds."""

    wall: float
    own: float
    busy: float
    all: float

    @classmethod
    def read(cls) -> Clocks:
        """Read all clocks."""
        times = psutil.cpu_times()
        everything = sum(times)
        idle = times.idle + getattr(times, "iowait", 0.0)
        return cls(time.perf_counter(), time.process_time(), everything - idle, everything)

    def until(self, later: Clocks) -> tuple[float, float]:
        """Return this process's share of one core, and the share of all cores that worked, from here to `later`."""
        own = (later.own - self.own) / max(later.wall - self.wall, 1e-9)
        return own, (later.busy - self.busy) / max(later.all - self.all, 1e-9)
