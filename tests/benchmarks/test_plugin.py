"""What N+1 detection costs a whole real suite: the platform's own, with and without, turn by turn, CPU time."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path
from statistics import median

REPOSITORY = Path(__file__).resolve().parents[2]
SUITE = ("tests/apps/test_courses.py", "tests/apps/test_submissions.py", "tests/apps/test_quizzes.py")
ROUNDS = 5
LIMIT = 1.05


# The platform's conftest asks for detection in every test; without the plugin the marker means nothing.
WITHOUT = ("-p", "no:harness.pytest_plugin", "-o", "markers=queries\nslow\npostgres\nsabotage")


def test_detection_in_a_whole_suite_costs_little() -> None:
    ratios = []
    for _ in range(ROUNDS):
        without = cpu_seconds(*WITHOUT)
        ratios.append(cpu_seconds() / without)

    print(f"suite with detection {median(ratios):.3f} of the suite without")  # noqa: T201
    assert median(ratios) <= LIMIT


def cpu_seconds(*options: str) -> float:
    """Run the suite and return its CPU time."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, *SUITE]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
