"""What Locust runs in a project that has no loadtests/locustfile.py: the people of its operations file, no journeys."""

from __future__ import annotations

from pathlib import Path

from harness.load.cast import make_cast

globals().update(make_cast(Path.cwd()))
