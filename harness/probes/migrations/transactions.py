"""What follows where a migration ends the transaction in which Django runs it."""

from __future__ import annotations

from harness.evidence import Severity
from harness.probes.migrations.facts import Migration, Step, TransactionEnd

CODE = "transaction-ended"
LEFT_OPEN = "transaction-left-open"
REMEDY = (
    "Leave BEGIN, COMMIT and ROLLBACK to Django. What has to be committed by itself goes into a migration of its own; "
    "batches go into one with atomic = False, each in transaction.atomic()."
)


def explain(migration: Migration, step: Step, end: TransactionEnd) -> tuple[Severity, str]:
    """Return how bad one end of the transaction is, and what really happened."""
    name, by = migration.name, end.statement or "the driver"
    done = _done(migration, step)
    if end.outcome != "committed":
        return "high", (
            f"{by} undoes everything that {name} did until then{done}, and yet it goes on and is recorded as applied"
        )
    if _goes_on(migration, step, end):
        return "high", (
            f"{by} ends the transaction in which Django runs {name}: what was done until then{done} is committed, its "
            "locks are released, and what comes after runs in another transaction: if that fails, half of the "
            "migration stays and is not recorded"
        )
    return "medium", (
        f"{by} ends the transaction in which Django runs {name}: it is committed before it is recorded as applied, and "
        "if it ends in between, migrating again does it twice"
    )


def _done(migration: Migration, step: Step) -> str:
    done = [
        f"[{each.index}] {each.describe}" for each in migration.operations if each.index < step.index and each.facts
    ]
    return f" ({'; '.join(done)})" if done else ""


def _goes_on(migration: Migration, step: Step, end: TransactionEnd) -> bool:
    """Tell whether statements follow, in this operation or in a later one; a driver's call may stand anywhere."""
    own = [each.sql for each in step.facts.statements] if step.facts else []
    later = [each for each in migration.operations if each.index > step.index and each.facts and each.facts.statements]
    return bool(later) or not end.statement or own[-1:] != [end.statement]
