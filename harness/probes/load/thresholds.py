"""Whether a run keeps the limits of its profile: in words, live on the page and at the end in the evidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from harness.probes.load.figures import PERCENTILES, Figures
from harness.probes.load.profiles import Threshold

State = Literal["held", "broken", "no data"]
UNITS = {
    "p50": "ms",
    "p95": "ms",
    "p99": "ms",
    "max": "ms",
    "error share": "%",
    "rate achieved": "1/s",
    "queries per request": "",
    "server cpu per request": "ms",
    "database time per request": "ms",
    "memory growth": "%",
}
COLUMNS = {
    "queries per request": "queries",
    "server cpu per request": "cpu",
    "database time per request": "database",
}


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What a threshold says about the figures so far; `words` is one sentence for people."""

    measure: str
    about: str
    state: State
    words: str
    abort: bool = False
    value: float | None = None


def read_thresholds(
    thresholds: Sequence[Threshold], figures: Figures, memory_growth: float | None = None
) -> list[Reading]:
    """Compare every threshold with the figures; what was not measured is "no data", never "held"."""
    return [_read(threshold, observed(threshold, figures, memory_growth)) for threshold in thresholds]


def observed(threshold: Threshold, figures: Figures, memory_growth: float | None = None) -> float | None:
    """Return what a threshold limits, None where it was not measured."""
    measure, about = threshold.measure, threshold.about
    if measure == "memory growth":
        return memory_growth
    if not figures.of(about):
        return None
    if measure in dict(PERCENTILES):
        return figures.percentiles(about)[measure]
    if measure == "error share":
        return figures.error_share(about)
    if measure == "rate achieved":
        return figures.rate_achieved(about)
    return figures.mean(COLUMNS[measure], about)


def _read(threshold: Threshold, value: float | None) -> Reading:
    unit = UNITS[threshold.measure]
    subject = f"{threshold.measure} of {threshold.about!r}" if threshold.about else threshold.measure
    limit = threshold.at_most if threshold.at_most is not None else threshold.at_least
    bound = "at most" if threshold.at_most is not None else "at least"
    wanted = f"{subject} must be {bound} {limit:g} {unit}".rstrip()
    state: State
    if value is None:
        state, words = "no data", f"{wanted}; it was not measured"
    else:
        held = value <= limit if threshold.at_most is not None else value >= limit  # type: ignore[operator]
        state, words = "held" if held else "broken", f"{wanted}; it is {value:.4g} {unit}".rstrip()
    return Reading(
        measure=threshold.measure, about=threshold.about, state=state, words=words, abort=threshold.abort, value=value
    )
