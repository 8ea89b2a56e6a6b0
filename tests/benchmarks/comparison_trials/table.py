"""What many trials say, as the table of docs/load-testing.md."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Final

from harness.gate.comparison import ROUNDS
from tests.benchmarks.comparison_trials.project import OPERATIONS, REPOSITORY
from tests.benchmarks.comparison_trials.trial import Trial

PAGE: Final = REPOSITORY / "docs" / "load-testing.md"
BEGIN: Final = "<!-- begin: written by python -m tests.benchmarks.comparison_trials -->\n"
END: Final = "<!-- end -->"
OUTCOMES: Final = ("slower", "fine", "undecided", "unsound")
SHOWN: Final = ("would have shown", "... of CPU time")
HEADS: Final = ("candidate", "rounds", "trials", *OUTCOMES, "95 % interval of slower", *SHOWN, "seconds")
STEPS: Final = 60


def clopper_pearson(hits: int, count: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the exact interval of a share (Clopper and Pearson 1934)."""
    tail = (1 - confidence) / 2
    low = 0.0 if hits == 0 else _solve(lambda share: 1 - _at_most(hits - 1, count, share) < tail)
    high = 1.0 if hits == count else _solve(lambda share: _at_most(hits, count, share) > tail)
    return low, high


def table(trials: Sequence[Trial]) -> str:
    """One row for each operation and look, of the trials that would have gone so far if nothing had been decided."""
    lines = [HEADS, ("---", *["--:"] * (len(HEADS) - 1))]
    lines += [row for name in OPERATIONS for total in ROUNDS if (row := _row(trials, name, total))]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def write(sections: dict[str, str], page: Path = PAGE) -> None:
    """Replace what stands between the marks by one table for each condition; raises ValueError without marks."""
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError(f"{page} does not hold the marks {BEGIN.strip()} and {END}.")
    tables = "".join(f"\n{title}\n\n{body}" for title, body in sections.items())
    page.write_text(f"{before}{BEGIN}{tables}\n{END}{after}", encoding="utf-8")


def _row(trials: Sequence[Trial], operation: str, total: int) -> tuple[str, ...] | None:
    said = [found[total] for each in trials if each.until >= total and (found := each.outcomes(operation))]
    if not said:
        return None
    counts = Counter(each.outcome for each in said)
    low, high = clopper_pearson(counts["slower"], len(said))
    by_cpu = [each.detectable_cpu for each in said if each.detectable_cpu is not None]
    seconds = [each.seconds[total] for each in trials if total in each.seconds and each.until >= total]
    return (
        operation,
        str(total),
        str(len(said)),
        *(str(counts[outcome]) for outcome in OUTCOMES),
        f"{100 * low:.1f} to {100 * high:.1f} %",
        f"{100 * median(each.detectable for each in said):.0f} %",
        f"{100 * median(by_cpu):.0f} %" if by_cpu else "",
        f"{median(seconds):.0f}" if seconds else "",
    )


def _at_most(hits: int, count: int, share: float) -> float:
    return sum(math.comb(count, each) * share**each * (1 - share) ** (count - each) for each in range(hits + 1))


def _solve(is_below: Callable[[float], bool]) -> float:
    """Return the share up to which `is_below` holds, by bisection."""
    low, high = 0.0, 1.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if is_below(middle) else (low, middle)
    return low
