"""Says which statement of which migration failed, and what state is left."""

from __future__ import annotations

from typing import Any

from django.db import Error, connection
from django.db.migrations import Migration
from django.db.migrations.exceptions import IrreversibleError

from harness.agent.facts import words
from harness.agent.facts.catalog import Catalog
from harness.agent.facts.record import MigrationRecord, OperationRecord
from harness.agent.protocol import clean


def describe_failure(
    error: BaseException, records: list[MigrationRecord], plan: list[tuple[Migration, bool]]
) -> dict[str, Any]:
    """Describe an error that broke off a plan; the last record is the migration that failed.

    Returns its place, kind and message, whether it was irreversible, the statement, the migrations that are done, those
    that were not begun, and what is left of the failed one.
    """
    failed = records[-1] if records else None
    operation = next((each for each in failed.operations if each.facts.error), None) if failed else None
    reached = {(record.app, record.name) for record in records}
    result: dict[str, Any] = {
        "app": failed.app if failed else "",
        "migration": failed.name if failed else "",
        "file": failed.file if failed else "",
        "index": operation.index if operation else None,
        "describe": operation.describe if operation else "",
        "statement": operation.facts.last_statement if operation and isinstance(error, Error) else "",
        "kind": type(error).__name__,
        "sqlstate": words.sqlstate(error),
        "message": clean(error),
        "irreversible": isinstance(error, IrreversibleError | NotImplementedError),
        "done": [[record.app, record.name] for record in records[:-1]],
        "not_begun": [[m.app_label, m.name] for m, _ in plan if (m.app_label, m.name) not in reached],
        "left": _left(failed, operation) if failed else "",
        "invalid_indexes": _invalid_indexes(),
    }
    if failed:
        failed.failure = result
    return result


def _left(failed: MigrationRecord, operation: OperationRecord | None) -> str:
    """Say in words what the failed migration left behind."""
    name = f"{failed.app}.{failed.name}"
    if operation is None and not any(each.executed for each in failed.operations):
        return f"{name} changed nothing: it broke off before its first operation."
    ended = [each.index for each in failed.operations if _commits(each)]
    if ended and failed.atomic:
        return _half(failed, operation, ended[-1])
    if failed.atomic and connection.features.can_rollback_ddl:
        return f"{name} ran in one transaction, which was rolled back: it left nothing behind."
    begun = max((each.index for each in failed.operations if _begins(each)), default=0)
    done = [each for each in failed.operations if each.executed and each is not operation]
    done = [each for each in done if each.index < begun] if failed.abandoned else done
    undone = ", what it did since its own BEGIN was rolled back" if failed.abandoned else ""
    return (
        f"{name} is not atomic and stopped at {_place(operation)}{undone}; done and still in the database, but not "
        f"recorded: {_listed(done)}."
    )


def _begins(operation: OperationRecord) -> bool:
    return any(words.verb(statement) in ("BEGIN", "START") for statement in operation.facts.statements)


def _commits(operation: OperationRecord) -> bool:
    return any(each["outcome"] == "committed" for each in operation.facts.transaction_ends)


def _half(failed: MigrationRecord, operation: OperationRecord | None, last: int) -> str:
    """Say what a migration left that committed by itself and failed later."""
    done = [each for each in failed.operations if each.executed and each.index <= last]
    part = f" (of [{last}] what comes before its COMMIT)" if operation and operation.index == last else ""
    return (
        f"{failed.app}.{failed.name} committed by itself at [{last}] and stopped at {_place(operation)}; done and "
        f"still in the database, but not recorded: {_listed(done)}{part}."
    )


def _place(operation: OperationRecord | None) -> str:
    return f"[{operation.index}] {operation.describe}" if operation else "its end"


def _listed(operations: list[OperationRecord]) -> str:
    return "; ".join(f"[{each.index}] {each.describe}" for each in operations) or "none"


def _invalid_indexes() -> list[str]:
    if connection.vendor != "postgresql" or not connection.is_usable():
        return []
    return Catalog(connection).invalid_indexes()
