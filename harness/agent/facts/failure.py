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
    if failed.atomic and connection.features.can_rollback_ddl:
        return f"{name} ran in one transaction, which was rolled back: it left nothing behind."
    done = [each for each in failed.operations if each.executed and each is not operation]
    listed = "; ".join(f"[{each.index}] {each.describe}" for each in done) or "none"
    place = f"[{operation.index}] {operation.describe}" if operation else "its end"
    return f"{name} is not atomic and stopped at {place}; done and still in the database, but not recorded: {listed}."


def _invalid_indexes() -> list[str]:
    if connection.vendor != "postgresql" or not connection.is_usable():
        return []
    return Catalog(connection).invalid_indexes()
