"""Why the figures of a run must not be believed: the gate says HOLD to each of these reasons."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from harness.probes.load.figures import Figures
from harness.probes.load.profiles import Profile
from harness.probes.load.results import Results
from harness.probes.load.thresholds import Reading

LOWEST_RATE = 0.95
HIGHEST_CPU = 70.0
BUSIEST_MACHINE = 90.0
SEEN_BY_GENERATOR = frozenset(("p50", "p95", "p99", "max", "error share", "rate achieved"))
"""What an overloaded generator or a lost worker makes worse; the other measures are the server's own word."""


def doubts(figures: Figures, profile: Profile, build: str = "") -> list[str]:
    """Say why the figures must not be believed; an empty list if there is nothing to say."""
    if not figures.requests:
        return ["no request was answered", *_interrupted(figures)]
    return [
        *_interrupted(figures),
        *_too_few(figures, profile),
        *_rate(figures),
        *unmeasured(figures.results),
        *busy(figures.results),
        *_wrong_build(figures, build),
    ]


def doubts_so_far(figures: Figures, build: str = "") -> list[str]:
    """Say what a run that still goes on has against it already; that it has few requests is none of it."""
    return [*_interrupted(figures), *_rate(figures), *busy(figures.results), *_wrong_build(figures, build)]


def believed(readings: Sequence[Reading], results: Results) -> list[Reading]:
    """Return the readings; where the generator is to blame, a limit that it could break is not known to be broken."""
    if not results.lost and 100 * results.generator_cpu <= HIGHEST_CPU:
        return list(readings)
    words = "but that may be the load generator's doing"
    return [
        msgspec.structs.replace(each, state="no data", words=f"{each.words}, {words}")
        if each.state == "broken" and each.measure in SEEN_BY_GENERATOR
        else each
        for each in readings
    ]


def _interrupted(figures: Figures) -> list[str]:
    results = figures.results
    reasons = [f"it was ended early: {results.stopped}"] if results.stopped else []
    if results.lost:
        count = len(results.lost)
        reasons.append(f"{count} of {results.workers} workers fell silent, so what they sent is not known")
    for operation, count in sorted(results.used_up.items()):
        reasons.append(
            f"the rows for {operation} were used up, {count} requests could not be sent: seed more, or send less of it"
        )
    return reasons


def _too_few(figures: Figures, profile: Profile) -> list[str]:
    reasons = []
    if figures.requests < profile.least:
        reasons.append(f"only {figures.requests} requests were measured, the profile wants at least {profile.least}")
    silent = [name for name in figures.asked if not figures.of(name)]
    if silent:
        reasons.append(f"no traffic on {', '.join(silent)}")
    few = [name for name in figures.asked if 0 < len(figures.of(name)) < profile.least_each]
    if few:
        reasons.append(f"fewer than {profile.least_each} requests were measured of {', '.join(few)}")
    return reasons


def _rate(figures: Figures) -> list[str]:
    asked, achieved = figures.rate_asked, figures.rate_achieved()
    if not asked or achieved >= LOWEST_RATE * asked:
        return []
    return [
        f"{achieved:.1f} of {asked:.1f} requests per second were sent and answered "
        f"({100 * achieved / asked:.0f} %): the machine or the release cannot hold this rate"
    ]


def unmeasured(results: Results) -> list[str]:
    """Say that it is not known how busy the generator was: a process that ran has used some CPU time."""
    return [] if results.generator_cpu else ["how busy the load generator was is not known"]


def busy(results: Results) -> list[str]:
    """Say where the generator or the whole machine was too busy to be believed."""
    reasons = []
    generator, machine = 100 * results.generator_cpu, 100 * results.machine_cpu
    if generator > HIGHEST_CPU:
        reasons.append(f"the load generator used {generator:.0f} % of a core, so it measured itself")
    if machine > BUSIEST_MACHINE:
        reasons.append(
            f"the machine was {machine:.0f} % busy, so the times measure the wait for a free core: "
            "end other programs, lower the rate, or take a larger machine"
        )
    return reasons


def _wrong_build(figures: Figures, build: str) -> list[str]:
    builds = figures.results.builds
    if not build or not builds or set(builds) == {build}:
        return []
    others = sum(count for name, count in builds.items() if name != build)
    return [f"{others or figures.requests} answers came from another server than the one that was started"]
