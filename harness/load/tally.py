"""Whether limits that end a run are broken, counted as the answers come: a second costs what came in it, no more."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Protocol

from harness.probes.load.figures import PERCENTILES, omitted
from harness.probes.load.profiles import Profile, Threshold
from harness.probes.load.results import Answer
from harness.probes.load.thresholds import COLUMNS

SHARES = dict(PERCENTILES)


class Count(Protocol):
    """What one limit needs to know of the answers, as they come."""

    def add(self, answer: Answer) -> None:
        """Count one answer."""

    def value_is_beyond(self, seconds: float) -> bool:
        """Tell whether the limit is broken, `seconds` after the warm-up; never without an answer."""


class Tally:
    """The limits with `abort` of one run; `think` as in Figures."""

    def __init__(self, profile: Profile, think: float = 0.0) -> None:
        self._profile = profile
        self._counts = [
            (each.about, _count(each, profile, think)) for each in profile.thresholds if each.abort and _is_live(each)
        ]

    def add(self, answers: Iterable[Answer]) -> None:
        """Count the answers that came."""
        for answer in answers:
            for about, count in self._counts:
                if about in ("", answer.operation):
                    count.add(answer)

    def is_broken(self, now: float) -> bool:
        """Tell whether a limit is broken, `now` seconds after the start."""
        seconds = min(self._profile.length, max(1e-9, now - self._profile.warmup))
        return any(count.value_is_beyond(seconds) for _, count in self._counts)


class _Percentile:
    """A nearest-rank percentile lies beyond a limit when enough values do: exact, and no value has to be kept."""

    def __init__(self, threshold: Threshold, profile: Profile, think: float) -> None:
        self._threshold, self._warmup, self._think = threshold, profile.warmup, think
        self._share = SHARES[threshold.measure]
        self._all = self._below = self._above = 0

    def add(self, answer: Answer) -> None:
        if answer.due < self._warmup:
            return
        for seconds in (answer.seconds, *omitted([answer.seconds], self._think)):
            self._all += 1
            self._below += 1000 * seconds < _lowest(self._threshold)
            self._above += 1000 * seconds > _highest(self._threshold)

    def value_is_beyond(self, seconds: float) -> bool:  # noqa: ARG002
        rank = max(1, math.ceil(self._share * self._all))
        return self._all > 0 and (self._below >= rank or self._all - self._above < rank)


class _Errors:
    """The share of errors in what was answered: while a run goes on, what is under way is none."""

    def __init__(self, threshold: Threshold, profile: Profile) -> None:
        self._threshold, self._warmup = threshold, profile.warmup
        self._all = self._failed = 0

    def add(self, answer: Answer) -> None:
        if answer.due >= self._warmup:
            self._all += 1
            self._failed += not answer.ok

    def value_is_beyond(self, seconds: float) -> bool:  # noqa: ARG002
        return self._all > 0 and _is_beyond(self._threshold, 100 * self._failed / self._all)


class _Rate:
    """Requests that were sent within the measured time, per second."""

    def __init__(self, threshold: Threshold, profile: Profile) -> None:
        self._threshold, self._profile = threshold, profile
        self._sent = self._measured = 0

    def add(self, answer: Answer) -> None:
        profile = self._profile
        self._measured += answer.due >= profile.warmup
        in_time = profile.warmup <= answer.sent <= profile.end
        self._sent += in_time and answer.scheduled >= profile.is_open

    def value_is_beyond(self, seconds: float) -> bool:
        return self._measured > 0 and _is_beyond(self._threshold, self._sent / seconds)


class _Mean:
    """What the server said of each answer; once it did not say it, nothing is known."""

    def __init__(self, threshold: Threshold, profile: Profile) -> None:
        self._threshold, self._warmup = threshold, profile.warmup
        self._column = COLUMNS[threshold.measure]
        self._all, self._sum, self._known = 0, 0.0, True

    def add(self, answer: Answer) -> None:
        if answer.status and answer.due >= self._warmup:
            value = getattr(answer, self._column)
            self._all += 1
            self._sum += value
            self._known &= value >= 0

    def value_is_beyond(self, seconds: float) -> bool:  # noqa: ARG002
        return self._known and self._all > 0 and _is_beyond(self._threshold, self._sum / self._all)


def _is_live(threshold: Threshold) -> bool:
    """Tell whether a run can know it before its end: memory is seen by the harness only."""
    return threshold.measure != "memory growth"


def _count(threshold: Threshold, profile: Profile, think: float) -> Count:
    if threshold.measure in SHARES:
        return _Percentile(threshold, profile, think)
    if threshold.measure == "error share":
        return _Errors(threshold, profile)
    return _Rate(threshold, profile) if threshold.measure == "rate achieved" else _Mean(threshold, profile)


def _highest(threshold: Threshold) -> float:
    return math.inf if threshold.at_most is None else threshold.at_most


def _lowest(threshold: Threshold) -> float:
    return -math.inf if threshold.at_least is None else threshold.at_least


def _is_beyond(threshold: Threshold, value: float) -> bool:
    return value > _highest(threshold) or value < _lowest(threshold)
