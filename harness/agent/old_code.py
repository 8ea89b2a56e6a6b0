"""Lets the code of before use the schema of after: its models read, insert and update with boundary values."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db.migrations.executor import MigrationExecutor

from harness.agent.facts import words
from harness.agent.facts.record import MigrationRecord
from harness.agent.protocol import Report, procedure
from harness.agent.samples.tries import Failure, Key, Tries, distinct, own_models


@procedure
def try_old_code(report: Report) -> dict[str, Any]:
    """Let all models of this release read, insert and update on the database as it is; everything is rolled back.

    Returns {"tried", "models", "failures"}. A failure that the release meets on its own schema too means nothing: the
    caller compares with the failures there.
    """
    models = own_models(apps)
    failures: list[Failure] = []
    tried = 0
    for number, model in enumerate(models):
        report(model._meta.label, number, len(models))
        tries = Tries(model).run()
        tried += tries.tried
        failures += tries.failures.values()
    return {"tried": tried, "models": len(models), "failures": [failure.to_json() for failure in failures]}


class OldCode:
    """The models of the project's state before a plan; what they could not do then is not held against a migration."""

    def __init__(self, executor: MigrationExecutor) -> None:
        state = executor._create_project_state(with_applied_migrations=True)  # type: ignore[attr-defined]
        self._models = {model._meta.db_table: model for model in own_models(state.apps)}
        self._known: set[Key] = set()
        for model in self._models.values():
            self._known |= set(Tries(model).run().failures)

    def try_after(self, record: MigrationRecord) -> dict[str, Any]:
        """Try the models whose tables a migration touched; a failure is told once, by the migration at fault."""
        touched = [model for table, model in self._models.items() if table in _touched(record)]
        tried, new = 0, []
        for model in touched:
            tries = Tries(model).run()
            tried += tries.tried
            new += [failure for key, failure in tries.failures.items() if key not in self._known]
            self._known |= set(tries.failures)
        failures = [{**failure.to_json(), "index": culprit(record, failure)} for failure in distinct(new)]
        return {"tried": tried, "models": [model._meta.label for model in touched], "failures": failures}


def _touched(record: MigrationRecord) -> set[str]:
    """Return every name that the statements of a migration mention."""
    statements = [sql for operation in record.operations for sql in operation.facts.statements]
    return {name for sql in statements for name in words.names(sql)}


def culprit(record: MigrationRecord, failure: Failure) -> int | None:
    """Return the index of the operation whose statements name table and culprit, else of the first on the table."""
    on_table = [
        (operation.index, names)
        for operation in record.operations
        if failure.table in (names := {name for sql in operation.facts.statements for name in words.names(sql)})
    ]
    named = [index for index, names in on_table if (failure.constraint or failure.column) in names]
    return next(iter(named), on_table[0][0] if on_table else None)
