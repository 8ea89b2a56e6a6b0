"""What many trials say: exact intervals, and no trial left out that would have gone on."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.probes.load.arms import Rounds
from tests.benchmarks.comparison_trials.project import FIFTH, SAME
from tests.benchmarks.comparison_trials.table import BEGIN, END, HEADS, PAGE, clopper_pearson, table, write
from tests.benchmarks.comparison_trials.trial import Trial

CPU = [[-1.0] * 64] * 3


def trial(operation: str, *factors: float, until: int = 64) -> Trial:
    """A trial of 32 rounds in which the candidate takes longer by the factors in turns."""
    times = [[10.0] * 32, [10 * factors[turn % len(factors)] for turn in range(32)], [10.0] * 32]
    found = Rounds(operation=operation, times=times, cpu=CPU, queries=CPU)
    return Trial(rounds=[found], until=until, standing=1.0, seconds={32: 8.0}, load=1.0)


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    [(0, 100, 0.0, 0.0362), (84, 100, 0.7532, 0.9057), (100, 100, 0.9638, 1.0), (2, 100, 0.0024, 0.0704)],
)
def test_the_interval_of_a_share_is_exact(hits: int, count: int, low: float, high: float) -> None:
    assert clopper_pearson(hits, count) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


def test_what_is_decided_stays_decided_and_only_trials_that_could_have_gone_so_far_count() -> None:
    short = trial("10 % slower", 1.0, 1.2, until=32)
    rows = table([trial(SAME, 1.0), trial(FIFTH, 1.2), trial(FIFTH, 1.0), short]).splitlines()

    assert [row.split(" | ")[:7] for row in rows[2:]] == [
        ["| same", "16", "1", "0", "1", "0", "0"],
        ["| same", "32", "1", "0", "1", "0", "0"],
        ["| same", "64", "1", "0", "1", "0", "0"],
        ["| 20 % slower", "16", "2", "1", "1", "0", "0"],
        ["| 20 % slower", "32", "2", "1", "1", "0", "0"],
        ["| 20 % slower", "64", "2", "1", "1", "0", "0"],
        ["| 10 % slower", "16", "1", "0", "0", "1", "0"],
        ["| 10 % slower", "32", "1", "0", "0", "1", "0"],
    ]


def test_the_page_has_the_table_that_the_command_writes(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"Before.\n{BEGIN}{END}\nAfter.\n")

    write({"Quiet:": table([trial(SAME, 1.0)])}, page)

    assert f"| {' | '.join(HEADS)} |" in page.read_text()
    assert page.read_text().endswith(f"{END}\nAfter.\n")
    assert f"| {' | '.join(HEADS)} |" in PAGE.read_text()
