"""The command line is there at once: nothing heavy is imported before it is known what for."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
LIMIT = 0.2
ROUNDS = 5
HEAVY = ("django", "jinja2", "locust", "psycopg", "rich")


def seconds(*command: str) -> float:
    """Measure the processor time of one start of Python, which a busy machine does not stretch."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *command], cwd=REPOSITORY, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_the_help_is_shown_in_a_fifth_of_a_second() -> None:
    best = min(seconds("-m", "harness", "--help") for _ in range(ROUNDS))

    assert best < LIMIT


def test_the_help_imports_nothing_heavy() -> None:
    code = f"import sys; from harness.cli import build; build(); print(sorted({set(HEAVY)!r} & set(sys.modules)))"

    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
