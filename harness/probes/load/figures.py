"""What the recorded answers say: times, rates, errors, and the reasons not to believe them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

PERCENTILES = (("p50", 0.50), ("p95", 0.95), ("p99", 0.99), ("max", 1.0))
LOWEST_RATE = 0.95
HIGHEST_CPU = 70.0
BUSIEST_MACHINE = 90.0


class Columns(msgspec.Struct, frozen=True):
    """The recorded answers, one entry each in every column; times in seconds after the start."""

    operation: list[int]
    due: list[float]
    late: list[float]
    service: list[float]
    status: list[int]
    ok: list[int]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One answer; `seconds` counts from when the request was due."""

    operation: str
    due: float
    sent: float
    seconds: float
    status: int
    ok: bool


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """What the load generator wrote.

    While it measured, `generator_cpu` was its share of one core, `machine_cpu` the share of all cores that worked.
    """

    warmup: float
    seconds: float
    ended: float
    generator_cpu: float
    machine_cpu: float
    operations: list[str]
    columns: Columns
    unanswered: int = 0

    def answers(self) -> Iterator[Answer]:
        """Return all answers, those of the warm-up too."""
        table = self.columns
        for index, due in enumerate(table.due):
            yield Answer(
                operation=self.operations[table.operation[index]],
                due=due,
                sent=due + table.late[index],
                seconds=table.late[index] + table.service[index],
                status=table.status[index],
                ok=bool(table.ok[index]),
            )


class Figures:
    """The figures of one run against what was asked: `asked` says how many requests of each operation were due."""

    def __init__(self, results: Results, asked: Counter[str], least: int) -> None:
        self._results = results
        self._asked = asked
        self._least = least
        self.all = list(results.answers())
        self.measured = [answer for answer in self.all if answer.due >= results.warmup]

    @property
    def requests(self) -> int:
        """How many measured requests were answered, with whatever status."""
        return len(self.measured)

    @property
    def error_share(self) -> float:
        """Errors and requests without an answer, in percent of what was due while measuring."""
        bad = sum(not answer.ok for answer in self.measured) + self._missing
        due = self.requests + self._missing
        return 100.0 * bad / due if due else 0.0

    @property
    def rate_asked(self) -> float:
        """Requests that were due, per second."""
        return self._asked.total() / self._results.seconds

    @property
    def rate_achieved(self) -> float:
        """Requests that were sent within the measured time and answered, per second.

        When all users wait for a stalled server, what is due is sent too late and does not count.
        """
        start, end = self._results.warmup, self._results.warmup + self._results.seconds
        return sum(start <= answer.sent <= end for answer in self.all) / self._results.seconds

    @property
    def generator_cpu(self) -> float:
        """The generator's share of one core, in percent."""
        return 100.0 * self._results.generator_cpu

    @property
    def machine_cpu(self) -> float:
        """How busy the whole machine was, in percent."""
        return 100.0 * self._results.machine_cpu

    def percentiles(self, operation: str = "") -> dict[str, float]:
        """Return exact percentiles in milliseconds, for one operation or for all."""
        times = sorted(each.seconds for each in self.measured if operation in ("", each.operation))
        return {name: 1000.0 * percentile(times, share) for name, share in PERCENTILES} if times else {}

    def failures(self) -> Counter[tuple[str, int]]:
        """Count the answers with an unexpected status by operation and status, in the warm-up too."""
        return Counter((answer.operation, answer.status) for answer in self.all if not answer.ok)

    def unsound(self) -> list[str]:
        """Say why the figures must not be believed; an empty list if there is nothing to say."""
        if not self.requests:
            return ["no request was answered"]
        reasons = []
        if self.requests < self._least:
            reasons.append(f"only {self.requests} requests were measured, the profile wants at least {self._least}")
        seen = {answer.operation for answer in self.measured}
        silent = [name for name in self._asked if name not in seen]
        if silent:
            reasons.append(f"no traffic on {', '.join(silent)}")
        if self.rate_achieved < LOWEST_RATE * self.rate_asked:
            share = 100 * self.rate_achieved / self.rate_asked
            reasons.append(
                f"{self.rate_achieved:.1f} of {self.rate_asked:.1f} requests per second were sent and answered "
                f"({share:.0f} %): the machine or the release cannot hold this rate"
            )
        if self.generator_cpu > HIGHEST_CPU:
            reasons.append(f"the load generator used {self.generator_cpu:.0f} % of a core, so it measured itself")
        if self.machine_cpu > BUSIEST_MACHINE:
            reasons.append(
                f"the machine was {self.machine_cpu:.0f} % busy, so the times measure the wait for a free core: "
                "end other programs, lower the rate, or take a larger machine"
            )
        return reasons

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

    @property
    def _missing(self) -> int:
        return max(0, self._asked.total() - self.requests)


def percentile(times: Sequence[float], share: float) -> float:
    """Return the nearest-rank percentile of sorted values: one that was really measured."""
    return times[max(0, math.ceil(share * len(times)) - 1)]
