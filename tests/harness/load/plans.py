"""Plans for the load generator, without a database."""

from __future__ import annotations

from typing import Any

from harness.probes.load.plan import Plan, Sendable
from harness.probes.load.profiles import Profile


def make_plan(
    *paths: str, method: str = "GET", weights: dict[str, int] | None = None, build: str = "", **profile: Any
) -> Plan:
    """Make a plan that sends `paths`; the first word of a path names its operation."""
    asked = Profile(**{"rate": 20, "seconds": 2.5, "warmup": 0.5, "users": 12, "least": 1, **profile})
    requests = []
    operations: dict[str, Sendable] = {}
    for path in sorted(paths):
        name = path.strip("/").partition("/")[0]
        operation = operations.setdefault(
            name,
            Sendable(
                name=name,
                actor="student",
                weight=(weights or {}).get(name, 1),
                writes=method == "POST",
                first=len(requests),
                count=0,
            ),
        )
        operation.count += 1
        requests.append(
            {
                "operation": name,
                "method": method,
                "path": path,
                "headers": {"Authorization": "Token very-secret"},
                "body": {"text": "private"} if method == "POST" else None,
                "expect": [200],
            }
        )
    return Plan(
        requests=requests,
        operations=list(operations.values()),
        people={"student": [{"Authorization": "s"}], "instructor": [{"Authorization": "i"}]},
        think={"student": [0.0, 0.2], "instructor": [0.0, 0.2], "administrator": [0.0, 0.2]},
        profiles={"short": asked},
        profile="short",
        build=build,
    )
