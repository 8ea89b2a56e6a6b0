"""What Locust runs: the people of operations.toml, the journeys of journeys.py, the shapes of profiles.toml.

locust -f loadtests/locustfile.py    seeds and serves the platform, and opens Locust's page on it, with a Gate page
harness load smoke --ui              the same, with the options of the harness
harness load smoke                   one profile without a page, with a verdict
"""

from __future__ import annotations

import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from journeys import BrowsingStudent, GradingInstructor, OverlookingAdministrator, QuizTaker  # noqa: E402

from harness.load.cast import make_cast  # noqa: E402

__all__ = ["BrowsingStudent", "GradingInstructor", "OverlookingAdministrator", "QuizTaker"]

globals().update(make_cast(PROJECT))
