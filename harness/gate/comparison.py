"""Whether one release is slower than another, from pairs of measurements that were taken at the same time.

The unit is the round, never the request: requests of one burst share their noise. Baseline and candidate are paired
inside a round, and the median of the ratios is resampled over the rounds. The resampling is not drawn but worked out:
how often the median of a resample lies at or below the k-th value is a sum of binomial terms (Efron 1979), so the same
rounds always give the same interval.

There are two witnesses: the time until the answer, which everything else on the machine disturbs, and the server's CPU
time, which hardly anything does. CPU time alone can prove an operation slower. It cannot prove one fine: waiting uses
none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Literal

import msgspec

from harness.errors import ConfigurationError
from harness.probes.load.arms import AGAIN, ARMS, BASELINE, CANDIDATE, Rounds

Outcome = Literal["slower", "fine", "undecided", "unsound"]
ROUNDS = (16, 32, 64)
QUICK_ROUNDS = (16,)
CONFIDENCE = 0.98
SLOWER = 1.05
FINE = 1.10
MOST = 1.0
"""A machine on which a release seems to differ from itself by this much measures nothing."""


class Interval(msgspec.Struct, frozen=True, kw_only=True):
    """The median of ratios with the ends of its interval, and from how many rounds it comes."""

    low: float
    middle: float
    high: float
    rounds: int


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """What the rounds say about one operation.

    `ratio` is candidate over baseline, `noise` the second copy of the baseline over the first one; `detectable` is the
    smallest true slowdown, as a share, that rounds as noisy as these would have shown. `cpu` is how much longer the
    answer takes by the server's CPU time alone, `detectable_cpu` the smallest such slowdown; None: not known.
    """

    operation: str
    outcome: Outcome
    reason: str
    ratio: Interval
    noise: Interval
    detectable: float
    cpu: Interval | None = None
    detectable_cpu: float | None = None


def compare(
    operation: str,
    baseline: Sequence[float],
    candidate: Sequence[float],
    again: Sequence[float],
    *,
    cpu: Sequence[Sequence[float]] = (),
    share: float = 1.0,
    floor: float = 0.0,
) -> Compared:
    """Compare one operation by its times of every round; `again` are those of the second copy of the baseline.

    `cpu` is the server's CPU time of the three in the same order, empty where it is not known, `share` what it is of an
    undisturbed answer. `floor` is the machine's noise as a share (`harness calibrate`): what is below it is not called
    slower. Where the two copies of the baseline do not come out as equal the answer is "unsound".
    """
    ratio = interval([new / old for old, new in zip(baseline, candidate, strict=True)])
    noise = interval([new / old for old, new in zip(baseline, again, strict=True)])
    limit = max(SLOWER, 1 + floor)
    by_cpu = _by_cpu(cpu, share)
    outcome, reason = _decide(ratio, noise, by_cpu, limit)
    return Compared(
        operation=operation,
        outcome=outcome,
        reason=reason,
        ratio=ratio,
        noise=noise,
        detectable=limit * ratio.middle / ratio.low - 1,
        cpu=by_cpu,
        detectable_cpu=limit + by_cpu.middle - by_cpu.low - 1 if by_cpu else None,
    )


def compare_rounds(found: Rounds, floor: float = 0.0) -> Compared:
    """Compare what the rounds measured of one operation; answers with an unexpected status make it "unsound"."""
    if not found.times[0]:
        nothing = Interval(low=1, middle=1, high=1, rounds=0)
        words = "no round was measured"
        return Compared(
            operation=found.operation, outcome="unsound", reason=words, ratio=nothing, noise=nothing, detectable=1
        )
    cpu = found.cpu if all(found.cpu) and min(map(min, found.cpu)) > 0 else []
    share = _share(found.shares) if cpu else 0.0
    compared = compare(found.operation, *(found.times[arm] for arm in ARMS), cpu=cpu, share=share, floor=floor)
    if found.failed:
        words = f"{found.failed} answers had an unexpected status"
        return msgspec.structs.replace(compared, outcome="unsound", reason=words)
    if compared.ratio.rounds < ROUNDS[0]:
        words = f"there were rows for {compared.ratio.rounds} rounds only, {ROUNDS[0]} are needed: seed more"
        return msgspec.structs.replace(compared, outcome="undecided", reason=words)
    return compared


def forward(compared: Sequence[Compared]) -> Literal["GO", "NO-GO", "HOLD"]:
    """Return NO-GO where something is slower, else HOLD where something is not known."""
    outcomes = {each.outcome for each in compared}
    return "NO-GO" if "slower" in outcomes else "GO" if outcomes == {"fine"} else "HOLD"


def rule(floor: float = 0.0) -> str:
    """Say the rule in words; `floor` as in `compare`."""
    limit = max(SLOWER, 1 + floor)
    return (
        f"The ratio is the median over the rounds, its interval holds {100 * CONFIDENCE:.0f} %. Slower: the whole "
        f"interval is above {limit:.2f}, or the server's CPU time alone makes the answer take that much longer. "
        f"Fine: it is below {max(FINE, limit):.2f}. Else undecided; unsound where two copies of the baseline differ or "
        "answers failed."
    )


def _by_cpu(cpu: Sequence[Sequence[float]], share: float) -> Interval | None:
    """Return how much longer the answer takes by CPU time alone; None where that is not known, or not believed."""
    if not cpu:
        return None
    changed, noise = (
        interval([1 + share * (new / old - 1) for old, new in zip(cpu[BASELINE], cpu[arm], strict=True)])
        for arm in (CANDIDATE, AGAIN)
    )
    return None if _differ(noise) else changed


def _share(shares: Sequence[Sequence[float]]) -> float:
    """Return what CPU time is of an undisturbed answer: the upper quartile of what it was in the best of each round.

    A busy machine makes the share, and with it the slowdown, look smaller, never larger.
    """
    found = sorted([*shares[BASELINE], *shares[AGAIN]])
    return min(1.0, found[-1 - len(found) // 4])


def _differ(noise: Interval) -> bool:
    return noise.low > SLOWER or noise.high < 1 / SLOWER


def _decide(ratio: Interval, noise: Interval, cpu: Interval | None, limit: float) -> tuple[Outcome, str]:
    known = f"{ratio.middle:.2f} times the baseline ({ratio.low:.2f} to {ratio.high:.2f}, {ratio.rounds} rounds)"
    if _differ(noise):
        return "unsound", f"the second copy of the baseline took {noise.middle:.2f} times the first one"
    if ratio.low > limit:
        return "slower", f"it takes {known}"
    if ratio.high < max(FINE, limit):
        return "fine", f"it takes {known}"
    if cpu and cpu.low > limit and ratio.middle > 1:
        more = f"{cpu.middle:.2f} times ({cpu.low:.2f} to {cpu.high:.2f})"
        return "slower", f"it takes {known}; the server's CPU time alone makes it {more}"
    if noise.high >= FINE or noise.low <= 1 / FINE:
        apart = f"{noise.low:.2f} to {noise.high:.2f}"
        return "undecided", f"the machine is too noisy: two copies of the baseline are {apart} times each other"
    return "undecided", f"it takes {known}, which is neither slower nor fine"


def interval(ratios: Sequence[float], confidence: float = CONFIDENCE) -> Interval:
    """Return the interval of the median of `ratios` under resampling of the rounds; needs at least one ratio.

    With an even number of rounds the lower of the two middle values stands for the low end, the upper one for the high
    end, which makes the interval a little too wide rather than too narrow.
    """
    values = sorted(ratios)
    count = len(values)
    tail = (1 - confidence) / 2
    low = next(value for rank, value in enumerate(values, 1) if _at_or_below(rank, count, (count + 1) // 2) >= tail)
    high = next(value for rank, value in enumerate(values, 1) if _at_or_below(rank, count, count // 2 + 1) >= 1 - tail)
    return Interval(low=low, middle=median(values), high=high, rounds=count)


class Noise(msgspec.Struct, frozen=True, kw_only=True):
    """What `harness calibrate` measured: how far two copies of one release seem to be apart on that machine."""

    floor: float
    rounds: int
    measured: str
    machine: dict[str, str | int]
    operations: dict[str, float] = {}


def noise_of(compared: Sequence[Compared], measured: str, machine: dict[str, str | int]) -> Noise:
    """Return the noise of a comparison of one release with itself; its floor is the largest error of an operation."""
    errors = {each.operation: max(abs(each.ratio.middle - 1), abs(each.noise.middle - 1)) for each in compared}
    rounds = min(each.ratio.rounds for each in compared)
    return Noise(floor=max(errors.values()), rounds=rounds, measured=measured, machine=machine, operations=errors)


def read_floor(path: Path, machine: dict[str, str | int]) -> tuple[float, str]:
    """Return the noise floor of this machine and where it comes from; 0 where it was not measured on this machine.

    Raises ConfigurationError where the file cannot be read.
    """
    if not path.is_file():
        return 0.0, "the noise of this machine is not known; 'harness calibrate' measures it"
    try:
        noise = msgspec.json.decode(path.read_bytes(), type=Noise)
    except (OSError, msgspec.MsgspecError) as error:
        raise ConfigurationError(
            f"{path} cannot be read: {error}; run 'harness calibrate' again, or remove the file."
        ) from None
    if noise.machine != machine:
        return 0.0, "the noise was measured on another machine and is not used; run 'harness calibrate' here"
    if not 0 <= noise.floor < MOST:
        raise ConfigurationError(
            f"{path}: key 'floor': {noise.floor:g} is no share between 0 and {MOST:g}; run 'harness calibrate' again."
        )
    return noise.floor, f"on this machine a release differs from itself by up to {100 * noise.floor:.1f} %"


def _at_or_below(rank: int, count: int, middle: int) -> float:
    """Return how likely the `middle`-th value of a resample is at or below the value of that rank."""
    share = rank / count
    return sum(
        math.comb(count, hits) * share**hits * (1 - share) ** (count - hits) for hits in range(middle, count + 1)
    )
