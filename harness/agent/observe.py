"""Applies migrations, or goes back, under Django's own executor, and tells what each operation does."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor

from harness.agent import migrate
from harness.agent.facts.catalog import table_rows
from harness.agent.facts.details import details
from harness.agent.facts.failure import describe_failure
from harness.agent.facts.postgres import PostgresRecorder
from harness.agent.facts.record import MigrationRecord, OperationRecord
from harness.agent.facts.recorder import Recorder
from harness.agent.old_code import OldCode
from harness.agent.protocol import Report, procedure


@procedure
def observe(
    report: Report, targets: list[str] | None = None, unapply: list[list[str]] | None = None, old_code: bool = False
) -> dict[str, Any]:
    """Migrate to `targets` (None: everything), or unapply the migrations of `unapply`, and return facts per operation.

    With `old_code` the models of the project as it was before try to read, insert and update after each migration, with
    boundary values; `old_code_seconds` is what that took of the whole, `observing_seconds` what reading the facts took.
    A migration that fails does not raise: `failure` names the statement and the state that is left.
    """
    executor = migrate.open_executor(report)
    if unapply is None:
        goals = migrate.resolve(executor.loader, targets)
        plan = executor.migration_plan(goals)
    else:
        goals, plan = [], migrate.backward_plan(executor, {(app, name) for app, name in unapply})
    return _Observation(executor, old_code=old_code).carry_out(goals, plan)


@procedure
def tables(report: Report) -> dict[str, int]:
    """Return the rows of every table of a PostgreSQL database, by the names that facts use."""
    report("tables", 0, 0)
    connection = connections[DEFAULT_DB_ALIAS]
    connection.ensure_connection()
    return table_rows(connection)


class _Observation:
    """One plan, carried out and written down."""

    def __init__(self, executor: MigrationExecutor, *, old_code: bool) -> None:
        self._executor = executor
        # The connection itself, not Django's proxy: the recorder stands in for some of its methods.
        self._connection = connections[DEFAULT_DB_ALIAS]
        self._recorder = open_recorder(self._connection)
        self._rows = table_rows(self._connection) if self._connection.vendor == "postgresql" else {}
        self._names: dict[int, str] = {}
        self._records: list[MigrationRecord] = []
        self._old_code_seconds = 0.0
        with self._old_code_time():
            self._old_code = OldCode(executor) if old_code else None

    def carry_out(self, goals: list[migrate.Target], plan: migrate.Plan) -> dict[str, Any]:
        executor, hooks = self._executor, vars(self._executor)
        hooks["apply_migration"] = self._observed(executor.apply_migration, backwards=False)
        hooks["unapply_migration"] = self._observed(executor.unapply_migration, backwards=True)
        failure = None
        try:
            migrate.run(executor, goals, plan)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a migration raises is what was observed
            failure = describe_failure(error, self._records, plan)
        finally:
            self._recorder.close()
        return {
            "direction": "backward" if any(backward for _, backward in plan) else "forward",
            "database": database_of(self._connection),
            "tables": self._rows,
            "migrations": [record.to_json() for record in self._records],
            "failure": failure,
            "observing_seconds": round(self._recorder.clock.paused_seconds, 6),
            "old_code_seconds": round(self._old_code_seconds, 6),
        }

    def _observed(self, original: Any, *, backwards: bool) -> Any:
        def observed(state: Any, migration: Migration, **options: Any) -> Any:
            record = describe(migration)
            self._records.append(record)
            with self._recorder.migration(migration, record, backwards=backwards):
                after = original(state, migration, **options)
            record.renamed = self._renamed()
            if self._old_code:
                with self._old_code_time():
                    record.old_code = self._old_code.try_after(record)
                    self._recorder.disturbed()
            return after

        return observed

    @contextmanager
    def _old_code_time(self) -> Iterator[None]:
        """Count the time that old code takes: it is not part of observing."""
        start = perf_counter()
        yield
        self._old_code_seconds += perf_counter() - start

    def _renamed(self) -> dict[str, str]:
        """Return the tables that had another name before the plan."""
        now = self._recorder.table_names()
        for key, name in now.items():
            self._names.setdefault(key, name)
        return {name: self._names[key] for key, name in now.items() if self._names[key] != name}


def describe(migration: Migration) -> MigrationRecord:
    """Describe a migration that is about to run: its file, and its operations in the order of the file."""
    module = sys.modules.get(type(migration).__module__)
    file = getattr(module, "__file__", None) or ""
    operations = [
        OperationRecord(
            index=index,
            kind=type(operation).__name__,
            describe=operation.describe(),
            reversible=bool(operation.reversible),
            app=migration.app_label,
            details=details(operation),
        )
        for index, operation in enumerate(migration.operations)
    ]
    return MigrationRecord(migration.app_label, migration.name, file, bool(migration.atomic), operations)


def open_recorder(connection: Any, *, full: bool = True) -> Recorder:
    """Return the recorder that tells most about a connection; without `full` one that only notes statements."""
    is_postgres = full and connection.vendor == "postgresql"
    return PostgresRecorder(connection) if is_postgres else Recorder(connection)


def database_of(connection: Any) -> dict[str, str]:
    """Name the server that answers, not any binaries that lie around."""
    version = ".".join(str(part) for part in connection.get_database_version())
    return {"vendor": connection.vendor, "version": version}
