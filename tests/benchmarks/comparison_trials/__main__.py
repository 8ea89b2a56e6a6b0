"""Compares two releases many times, and writes how often the rule was wrong into docs/load-testing.md.

``python -m tests.benchmarks.comparison_trials --trials 100`` goes on where the last call ended; ``--seconds`` ends it
earlier. Trials are kept by condition in reports/comparison-trials/; the page is written from all of them.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import median

import msgspec

from harness.gate.comparison import ROUNDS
from harness.provenance import machine
from tests.benchmarks.comparison_trials.project import FIFTH, REPOSITORY, SAME, SLOWER, TAIL
from tests.benchmarks.comparison_trials.table import table, write
from tests.benchmarks.comparison_trials.trial import Trial, open_site

FOLDER = REPOSITORY / "reports" / "comparison-trials"
CONDITIONS = {"single": "One comparison at a time", "double": "Two comparisons at a time on the same cores"}
AT_ONCE = {"single": 1, "double": 2}
IN_TURNS = (*(name for name in SLOWER if name != FIFTH), TAIL)
"""Every other trial has one of these besides; they need not be tried as often."""


def read(condition: str, folder: Path = FOLDER) -> list[Trial]:
    """Return the trials that were kept under a condition, by whichever process."""
    decoder = msgspec.json.Decoder(Trial)
    paths = sorted(folder.glob(f"{condition}-*.jsonl"))
    return [each for path in paths for each in decoder.decode_lines(path.read_bytes())]


def measure(condition: str, trials: int, seconds: float, rounds: int, folder: Path = FOLDER) -> None:
    """Add trials until there are so many, or the time is over; each is kept at once."""
    folder.mkdir(parents=True, exist_ok=True)
    end = time.monotonic() + seconds
    with open_site("sqlite") as site, (folder / f"{condition}-{os.getpid()}.jsonl").open("ab") as file:
        while (done := len(read(condition, folder))) < trials and time.monotonic() < end:
            trial = site.try_once(_operations(done), rounds)
            file.write(msgspec.json.encode(trial) + b"\n")
            file.flush()
            sys.stderr.write(f"{done + 1} of {trials}: {max(trial.seconds.values()):.0f} s, {_short(trial)}\n")


def main() -> None:
    """Measure what is missing and write the page."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.comparison_trials", description=__doc__)
    parser.add_argument(
        "--condition", choices=tuple(CONDITIONS), default="single", help="how many comparisons run at a time"
    )
    parser.add_argument("--trials", type=int, default=100, help="how many there shall be in the end")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="begin no trial after so many seconds")
    parser.add_argument("--rounds", type=int, choices=ROUNDS[1:], default=ROUNDS[-1], help="where a comparison ends")
    arguments = parser.parse_args()
    asked = (arguments.condition, arguments.trials, arguments.seconds, arguments.rounds)
    count = AT_ONCE[arguments.condition]
    with ProcessPoolExecutor(count) as pool:
        for each in [pool.submit(measure, *asked) for _ in range(count)]:
            each.result()
    found = {title: trials for condition, title in CONDITIONS.items() if (trials := read(condition))}
    write({_title(title, trials): table(trials) for title, trials in found.items()})


def _title(condition: str, trials: list[Trial]) -> str:
    standing = median(each.standing for each in trials)
    return f"**{condition}** ({machine()['cores']} cores, {standing:.0f} s until the servers stand):"


def _operations(number: int) -> list[str]:
    """Return what trial `number` compares."""
    more = [] if number % 2 else [IN_TURNS[number // 2 % len(IN_TURNS)]]
    return [SAME, FIFTH, *more]


def _short(trial: Trial) -> str:
    said = {each.operation: trial.outcomes(each.operation) for each in trial.rounds}
    return "; ".join(f"{name}: {', '.join(each.outcome for each in looks.values())}" for name, looks in said.items())


if __name__ == "__main__":
    main()
