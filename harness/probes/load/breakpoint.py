"""Looks for the highest rate that a served release sustains, and for what gives out above it."""

from __future__ import annotations

from collections.abc import Callable
from statistics import mean
from typing import NamedTuple

import msgspec

from harness.probes.load.profiles import Profile, Search
from harness.probes.load.report import Told
from harness.probes.load.soundness import HIGHEST_CPU, LOWEST_RATE, busy
from harness.probes.load.thresholds import read_thresholds

FULL = 90.0
BUSY_DATABASE = 0.8
THREADS = 8


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One rate that was tried: whether it was sustained, why not, and what was saturated ("" where nothing was)."""

    rate: float
    sustained: bool
    reason: str
    saturated: str
    p95: float
    machine_cpu: float
    generator: bool = False
    used_up: bool = False


class Found(NamedTuple):
    """The highest rate that was sustained and the lowest that was not; None where the search did not meet it."""

    sustained: float | None
    broken: float | None
    steps: list[Step]

    @property
    def doubt(self) -> str:
        """Why the result must not be believed; "" where it can be."""
        if self.sustained is None:
            return "not even the first rate was sustained: start lower"
        if self.broken is None:
            return "every rate was sustained: raise the limit of the search"
        above = next(step for step in self.steps if step.rate == self.broken)
        if above.used_up:
            return f"the rows for a write were used up at {above.rate:.1f} requests per second: seed more"
        return "the load generator gave out before the release: use more workers" if above.generator else ""


def search(wanted: Search, attempt: Callable[[float], Step]) -> Found:
    """Go up from the start by a factor until a rate is not sustained, then halve the interval until it is narrow."""
    steps = [attempt(wanted.start)]
    while steps[-1].sustained and steps[-1].rate < wanted.limit:
        steps.append(attempt(min(wanted.limit, steps[-1].rate * wanted.factor)))
    low = max((step.rate for step in steps if step.sustained), default=None)
    high = min((step.rate for step in steps if not step.sustained), default=None)
    while low and high and high / low > 1 + wanted.within:
        steps.append(attempt((low + high) / 2))
        low, high = (steps[-1].rate, high) if steps[-1].sustained else (low, steps[-1].rate)
    return Found(low, high, steps)


def judge(told: Told, rate: float) -> Step:
    """Tell whether a run at a rate was sustained: its thresholds held, and what was due was sent in time."""
    figures = told.figures()
    broken = [each.words for each in read_thresholds(told.profile.thresholds, figures) if each.state != "held"]
    if figures.rate_achieved() < LOWEST_RATE * figures.rate_asked:
        broken.append(
            f"{figures.rate_achieved():.1f} of {figures.rate_asked:.1f} requests per second were sent in time"
        )
    if told.results.stopped and not broken:
        broken.append(told.results.stopped)
    return Step(
        rate=rate,
        sustained=not broken,
        reason="; ".join(broken),
        saturated=", ".join(saturated(told)),
        p95=figures.percentiles().get("p95", 0.0),
        machine_cpu=figures.machine_cpu,
        generator=figures.generator_cpu > HIGHEST_CPU,
        used_up=bool(told.results.used_up),
    )


def saturated(told: Told) -> list[str]:
    """Name what had no more to give: application, database, connections, generator, machine."""
    server, results = told.server, told.results
    found = []
    if server.cpu_share > FULL:
        found.append(f"application CPU ({server.cpu_share:.0f} % of a core)")
    active = mean(each.active for each in server.samples)
    if active > BUSY_DATABASE * THREADS:
        found.append(f"database ({active:.1f} connections at work)")
    most = max(each.connections for each in server.samples)
    if most >= THREADS:
        found.append(f"connections (all {most} of the server's threads)")
    if any(each.waiting for each in server.samples):
        found.append(f"locks (up to {max(each.waiting for each in server.samples)} waited)")
    found += ["generator"] if results.generator_cpu * 100 > HIGHEST_CPU else []
    found += ["all cores of the machine"] if any("machine" in each for each in busy(results)) else []
    return found


def at_rate(profile: Profile, rate: float) -> Profile:
    """Return the profile at another rate; it needs the fewest requests that half of that rate would give."""
    least = min(profile.least, round(rate * profile.length / 2))
    return msgspec.structs.replace(profile, rate=rate, least=least)
