"""Migrates as Django's command does, and says when each operation began and when its migration was committed."""

from __future__ import annotations

import time
from typing import Any

from harness.agent import migrate
from harness.agent.protocol import Report, procedure


@procedure
def migrate_timed(report: Report, targets: list[str] | None = None) -> list[dict[str, Any]]:
    """Migrate to the targets of `migrate`; return migration, operation, and when it began and was committed (epoch).

    What an operation locks stays locked until its migration is committed, so that is when it ends.
    """
    executor = migrate.open_executor(report)
    goals = migrate.resolve(executor.loader, targets)
    plan = executor.migration_plan(goals)
    timed: list[dict[str, Any]] = []
    told: Any = executor.progress_callback

    def listen(action: str, migration: Any = None, fake: bool = False) -> None:
        if action == "apply_success":
            for each in timed:
                each.setdefault("ended", time.time())
        told(action, migration, fake)

    executor.progress_callback = listen  # type: ignore[assignment]
    for migration, _ in plan:
        for operation in migration.operations:
            _time(operation, f"{migration.app_label}.{migration.name}", timed)
    executor.migrate(goals, plan=plan)
    return timed


def _time(operation: Any, migration: str, timed: list[dict[str, Any]]) -> None:
    """Note when an operation begins, on this object only."""
    forwards = operation.database_forwards

    def database_forwards(*arguments: Any) -> Any:
        timed.append({"migration": migration, "operation": operation.describe(), "began": time.time()})
        return forwards(*arguments)

    operation.database_forwards = database_forwards
