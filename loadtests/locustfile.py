"""What Locust runs: a class of users for each actor of the plan, and the journeys of journeys.py.

harness load smoke --ui              serves the platform and opens Locust's page on it
locust -f loadtests/locustfile.py    by hand, with a plan in the variable HARNESS_LOAD_PLAN
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from harness.load.journeys import Journey
from harness.load.plan import NoPlan, read_plan
from harness.load.users import make_users

try:
    PLAN = read_plan()
except NoPlan as missing:
    raise SystemExit(str(missing)) from None

from journeys import BrowsingStudent, GradingInstructor, QuizTaker

__all__ = ["BrowsingStudent", "GradingInstructor", "QuizTaker"]

Journey.plan = PLAN
globals().update(make_users(PLAN))
