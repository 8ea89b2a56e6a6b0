"""Lets the code of before use the schema of after: its models read, insert and update with boundary values."""

from __future__ import annotations

import re
from typing import Any

from django.apps import apps
from django.db.migrations.executor import MigrationExecutor

from harness.agent.facts import words
from harness.agent.facts.record import MigrationRecord
from harness.agent.protocol import Report, procedure
from harness.agent.samples.rules import Rules
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
        self._rules = Rules.read()
        for model in self._models.values():
            self._known |= set(Tries(model).run().failures)

    def try_after(self, record: MigrationRecord) -> dict[str, Any]:
        """Try the models whose tables a migration touched; a failure is told once, by the migration at fault."""
        touched = [model for table, model in self._models.items() if table in _touched(record)]
        tried, new, now = 0, [], Rules.read()
        for model in touched:
            tries = Tries(model).run()
            tried += tries.tried
            new += [
                failure
                for key, failure in tries.failures.items()
                if key not in self._known and not self._rules.had(failure, now)
            ]
            self._known |= set(tries.failures)
        failures = [{**failure.to_json(), "index": culprit(record, failure)} for failure in distinct(new)]
        return {"tried": tried, "models": [model._meta.label for model in touched], "failures": failures}


def _touched(record: MigrationRecord) -> set[str]:
    """Return every name that the statements of a migration mention."""
    statements = [sql for operation in record.operations for sql in operation.facts.statements]
    return {name for sql in statements for name in words.names(sql)}


def culprit(record: MigrationRecord, failure: Failure) -> int | None:
    """Return the index of the operation at fault: one that did what the error needs, else one that names the culprit.

    Where none names it, it is the first one on the table.
    """
    on_table = [
        (operation.index, " ".join(operation.facts.statements))
        for operation in record.operations
        if failure.table in {name for sql in operation.facts.statements for name in words.names(sql)}
    ]
    wanted = failure.constraint or failure.column
    named = [(index, sql) for index, sql in on_table if wanted in words.names(sql)]
    deed = _DEEDS.get(failure.sqlstate)
    did = [index for index, sql in named or on_table if deed and re.search(deed.format(re.escape(wanted)), sql)]
    return next(iter([*did, *(index for index, _ in named or on_table)]), None)


# What a statement did so that old code meets this error, by SQLSTATE; {} is the column or constraint at fault.
_DEEDS = {
    "42703": r'DROP COLUMN "?{0}\b|RENAME COLUMN "?{0}\b',
    "42P01": r"DROP TABLE|RENAME TO",
    "23502": r'ADD COLUMN "?{0}\b|ALTER COLUMN "?{0}"? SET NOT NULL',
}
