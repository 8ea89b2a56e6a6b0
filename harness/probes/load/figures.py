"""What the recorded answers say: times, rates, errors, and what they cost the server."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from functools import cached_property

from harness.probes.load.results import Answer, Results

PERCENTILES = (("p50", 0.50), ("p95", 0.95), ("p99", 0.99), ("max", 1.0))


class Figures:
    """The figures of one run against what was asked: `asked` says how many requests of each operation were due.

    `think` is the mean time between two requests of one person, for people who wait for their answers; 0 at a rate.
    While a run is `live`, what is not answered yet is no error.
    """

    def __init__(self, results: Results, asked: Counter[str], *, think: float = 0.0, live: bool = False) -> None:
        self.results = results
        self.asked = asked
        self.all = list(results.answers())
        self.measured = [answer for answer in self.all if answer.due >= results.warmup]
        self._think = think
        self._live = live
        self._sorted: dict[str, list[float]] = {}

    @property
    def requests(self) -> int:
        """How many measured requests were answered, with whatever status."""
        return len(self.measured)

    @cached_property
    def by_operation(self) -> dict[str, list[Answer]]:
        """The measured answers of each operation, by name in alphabetical order."""
        found: dict[str, list[Answer]] = {}
        for answer in self.measured:
            found.setdefault(answer.operation, []).append(answer)
        return dict(sorted(found.items()))

    def of(self, operation: str) -> list[Answer]:
        """Return the measured answers of one operation, "" for all."""
        return self.by_operation.get(operation, []) if operation else self.measured

    def error_share(self, operation: str = "") -> float:
        """Return errors and requests without an answer, in percent of what was due while measuring."""
        answers = self.of(operation)
        wanted = 0 if self._live else self.asked[operation] if operation else self.asked.total()
        missing = max(0, wanted - sum(answer.scheduled for answer in answers))
        due = len(answers) + missing
        return 100.0 * (sum(not answer.ok for answer in answers) + missing) / due if due else 0.0

    @property
    def rate_asked(self) -> float:
        """Requests that were due, per second; 0 where people decide."""
        return self.asked.total() / self.results.seconds

    def rate_achieved(self, operation: str = "") -> float:
        """Return the requests that were sent within the measured time and answered, per second.

        When all users wait for a stalled server, what is due is sent too late and does not count.
        """
        start, end = self.results.warmup, self.results.warmup + self.results.seconds
        scheduled = self.asked.total() > 0
        counted = (
            start <= answer.sent <= end
            for answer in self.all
            if operation in ("", answer.operation) and answer.scheduled >= scheduled
        )
        return sum(counted) / self.results.seconds

    @property
    def generator_cpu(self) -> float:
        """The generator's share of one core, in percent."""
        return 100.0 * self.results.generator_cpu

    @property
    def machine_cpu(self) -> float:
        """How busy the whole machine was, in percent."""
        return 100.0 * self.results.machine_cpu

    def times(self, operation: str = "") -> list[float]:
        """Return the response times in seconds, sorted, corrected for coordinated omission."""
        if operation not in self._sorted:
            measured = [answer.seconds for answer in self.of(operation)]
            self._sorted[operation] = sorted([*measured, *omitted(measured, self._think)])
        return self._sorted[operation]

    def percentiles(self, operation: str = "") -> dict[str, float]:
        """Return exact percentiles in milliseconds, for one operation or for all."""
        times = self.times(operation)
        return {name: 1000.0 * percentile(times, share) for name, share in PERCENTILES} if times else {}

    def mean(self, column: str, operation: str = "") -> float | None:
        """Return the mean of `queries`, `database` or `cpu` per request; None unless the server said it every time."""
        values = [getattr(answer, column) for answer in self.of(operation) if answer.status]
        return sum(values) / len(values) if values and min(values) >= 0 else None

    def failures(self) -> Counter[tuple[str, int]]:
        """Count the answers with an unexpected status by operation and status, in the warm-up too."""
        return Counter((answer.operation, answer.status) for answer in self.all if not answer.ok)

    def per_second(self) -> list[list[float]]:
        """Return (second, requests, p95 in milliseconds, errors) of every second that requests were due in."""
        seconds: dict[int, list[Answer]] = {}
        for answer in self.all:
            seconds.setdefault(int(answer.due), []).append(answer)
        return [
            [
                second,
                len(answers),
                round(1000 * percentile(sorted(answer.seconds for answer in answers), 0.95), 1),
                sum(not answer.ok for answer in answers),
            ]
            for second, answers in sorted(seconds.items())
        ]


def percentile(times: Sequence[float], share: float) -> float:
    """Return the nearest-rank percentile of sorted values: one that was really measured."""
    return times[max(0, math.ceil(share * len(times)) - 1)]


def omitted(times: Sequence[float], interval: float) -> list[float]:
    """Return the times of the requests that somebody who waited did not send, as HdrHistogram's correction has it."""
    if interval <= 0:
        return []
    return [time - step * interval for time in times for step in range(1, math.ceil(time / interval))]
