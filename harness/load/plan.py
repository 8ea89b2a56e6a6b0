"""What to send and when: the file that the harness hands over."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

VARIABLE = "HARNESS_LOAD_PLAN"
EXPLANATION = f"""\
There is nothing to send: the variable {VARIABLE} names no plan.
A plan holds requests that are bound to rows of a database, with tokens, so it is made anew for each run:
    harness load smoke --ui      makes one, serves the platform, and opens this page on it
    harness probe load           does the same without a page, and judges the result
"""


class NoPlan(Exception):  # noqa: N818
    """Raised when there is no plan; the message says how to get one."""


@dataclass
class Group:
    """The arrivals of one actor: (due, request) in order of time, due in seconds after the start."""

    name: str
    users: int
    arrivals: list[tuple[float, int]]


@dataclass
class Plan:
    """A whole plan: the requests, who sends them and when, how long, and where the results go."""

    requests: list[dict[str, Any]]
    groups: list[Group]
    people: dict[str, list[dict[str, str]]]
    warmup: float
    seconds: float
    results: Path

    @property
    def end(self) -> float:
        """When the last arrival is due at the latest, in seconds after the start."""
        return self.warmup + self.seconds


def read_plan() -> Plan:
    """Read the plan that the environment names; raises NoPlan."""
    path = os.environ.get(VARIABLE, "")
    if not path or not Path(path).is_file():
        raise NoPlan(EXPLANATION)
    raw = json.loads(Path(path).read_text(encoding="utf-8"))
    groups = [
        Group(each["name"], each["users"], [(due, request) for due, request in each["arrivals"]])
        for each in raw["groups"]
    ]
    return Plan(raw["requests"], groups, raw["people"], raw["warmup"], raw["seconds"], Path(raw["results"]))
