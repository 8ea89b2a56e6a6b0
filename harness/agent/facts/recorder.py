"""Writes down what the operations of a migration do while Django applies them: statements and seconds, anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import Migration, RunPython

from harness.agent.facts import words
from harness.agent.facts.clock import Clock
from harness.agent.facts.record import MigrationRecord, OperationFacts, OperationRecord, Statement

Run = Callable[[], Any]


class ReachesBeyond(Exception):  # noqa: N818
    """Raised instead of running a statement that works on other databases than the one of the rehearsal."""

    def __init__(self, statement: str) -> None:
        super().__init__(f"{statement} reaches beyond the database that is migrated, so it was not run")


@dataclass
class Running:
    """A statement that is about to run; `known` tells that the operation ran the same template before."""

    sql: str
    known: bool
    run: Run
    context: dict[str, Any]


class Recorder:
    """Observes one connection; a statement counts for the operation that runs it, or that deferred it."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        self.clock = Clock()
        self._current: OperationFacts | None = None
        self._template = ""
        self._owners: dict[int, tuple[object, OperationFacts]] = {}

    def table_names(self) -> dict[int, str]:
        """Return the tables as they were when the present migration began, by an identity that outlives renaming."""
        return {}

    def disturbed(self) -> None:
        """Hear that somebody else has used the session between two migrations."""

    def close(self) -> None:
        """Release what the recorder opened; the connection stays as it was."""

    @contextmanager
    def migration(self, migration: Migration, record: MigrationRecord, *, backwards: bool) -> Iterator[None]:
        """Observe one migration for the time of the block."""
        verb = "database_backwards" if backwards else "database_forwards"
        self._owners = {}
        self._begin()
        start = self.clock.now()
        try:
            for operation, each in zip(migration.operations, record.operations, strict=True):
                self._instrument(operation, verb, each)
            with self.connection.execute_wrapper(self._wrap), self._transactions():
                yield
            self._ended()
        except BaseException:
            record.abandoned = self._abandon()
            raise
        finally:
            record.seconds = self.clock.now() - start
            for operation in migration.operations:
                vars(operation).pop(verb, None)

    @contextmanager
    def _transactions(self) -> Iterator[None]:
        """Watch commit and rollback of the connection for the time of the block."""
        hooks = vars(self.connection)
        hooks["commit"] = self._commit(self.connection.commit)
        hooks["rollback"] = self._rollback(self.connection.rollback)
        try:
            yield
        finally:
            del hooks["commit"], hooks["rollback"]

    def _instrument(self, operation: Any, verb: str, record: OperationRecord) -> None:
        original = getattr(operation, verb)

        # What is not Django's own may talk to the driver itself, without a statement that could be seen.
        record.facts.opaque = isinstance(operation, RunPython) or not type(operation).__module__.startswith("django.")

        def observed(app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any) -> None:
            self._tap(schema_editor)
            record.executed = True
            with self._segment(record.facts):
                original(app_label, schema_editor, from_state, to_state)
            for statement in schema_editor.deferred_sql:
                self._owners.setdefault(id(statement), (statement, record.facts))

        vars(operation)[verb] = observed

    def _tap(self, schema_editor: Any) -> None:
        """See each statement of the schema editor before its parameters are put in, and whose it is."""
        if "execute" in vars(schema_editor):
            return
        original = schema_editor.execute

        def execute(sql: object, params: Any = ()) -> Any:
            self._template = str(sql) if params else ""
            try:
                if self._current is None and id(sql) in self._owners:
                    with self._segment(self._owners[id(sql)][1]):
                        return original(sql, params)
                return original(sql, params)
            finally:
                self._template = ""

        schema_editor.execute = execute

    @contextmanager
    def _segment(self, facts: OperationFacts) -> Iterator[None]:
        """Count everything in the block for one operation."""
        self._current = facts
        self._opened(facts)
        start = self.clock.now()
        try:
            yield
            with self.clock.paused():
                self._closed(facts)
        except BaseException as error:
            facts.error = facts.error or error
            raise
        finally:
            facts.seconds += self.clock.now() - start
            self._current = None

    def _wrap(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
        """Stand between Django and the database (an `execute_wrapper`)."""
        text = sql if isinstance(sql, str) else self._as_text(sql)
        facts = self._current
        if (
            facts is None
            or words.is_bookkeeping(text)
            or (text == "BEGIN" and context["connection"].vendor == "sqlite")
        ):
            return execute(sql, params, many, context)
        if words.reaches_beyond(text):
            facts.last_statement = words.template(text)
            raise ReachesBeyond(words.template(text))
        if not params and not many and len(pieces := self._pieces(text)) > 1:
            return [self._wrap(execute, piece, params, many, context) for piece in pieces][-1]
        template = facts.last_statement = words.template(self._template or text)
        statement = facts.statements.get(template)
        known = statement is not None
        statement = facts.statements.setdefault(template, Statement(template))
        start = self.clock.now()
        try:
            return self._execute(facts, Running(text, known, lambda: execute(sql, params, many, context), context))
        finally:
            statement.times += len(params) if many and hasattr(params, "__len__") else 1
            statement.seconds += self.clock.now() - start

    def _pieces(self, sql: str) -> Sequence[str]:
        """Return the statements of a text that have to be looked at one by one."""
        return (sql,)

    def _as_text(self, sql: Any) -> str:
        """Render a composed statement of the driver."""
        return str(sql.as_string(self.connection.connection)) if hasattr(sql, "as_string") else str(sql)

    def _execute(self, facts: OperationFacts, statement: Running) -> Any:
        """Run one statement of an operation."""
        facts.measured = False
        return statement.run()

    def _begin(self) -> None:
        """Prepare for a migration."""

    def _ended(self) -> None:
        """Take stock after a migration; raises LeftOpen where it leaves a transaction open."""

    def _abandon(self) -> bool:
        """Roll back a transaction that a migration that failed had begun by hand; tells whether there was one."""
        return False

    def _opened(self, facts: OperationFacts) -> None:
        """Prepare for the statements of an operation."""

    def _closed(self, facts: OperationFacts) -> None:
        """Take stock after the statements of an operation."""

    def _commit(self, commit: Run) -> Run:
        return commit

    def _rollback(self, rollback: Run) -> Run:
        return rollback
