"""The rules that the database itself keeps, so that one which was there before is not held against a migration."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import connection

from harness.agent.samples.tries import Failure

_RULES = """
    SELECT c.conname, pg_get_constraintdef(c.oid) FROM pg_constraint c WHERE c.conrelid <> 0
    UNION ALL
    SELECT i.indexrelid::regclass::text, regexp_replace(pg_get_indexdef(i.indexrelid), '^.* USING ', '')
    FROM pg_index i WHERE i.indisunique
"""
_REQUIRED = """
    SELECT c.relname, a.attname, a.atthasdef OR a.attidentity <> ''
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE a.attnotnull AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p')
"""
_NOT_NULL = "23502"
_CONSTRAINTS = ("23503", "23505", "23514", "23P01")


@dataclass
class Rules:
    """Constraints by name and definition, and the columns that take no NULL, with whether the database fills them."""

    constraints: set[tuple[str, str]] = field(default_factory=set)
    required: set[tuple[str, str, bool]] = field(default_factory=set)

    @classmethod
    def read(cls) -> Rules:
        """Read the rules of the database in use; none on other databases than PostgreSQL."""
        if connection.vendor != "postgresql":
            return cls()
        with connection.cursor() as cursor:
            cursor.execute(_RULES)
            constraints = {(name, text) for name, text in cursor.fetchall()}
            cursor.execute(_REQUIRED)
            return cls(constraints, {(table, column, filled) for table, column, filled in cursor.fetchall()})

    def had(self, failure: Failure, now: Rules) -> bool:
        """Tell whether a failure is due to a rule of now that was here already: then only the row is another one."""
        if failure.sqlstate == _NOT_NULL:
            return bool(self.required & {each for each in now.required if each[:2] == (failure.table, failure.column)})
        if failure.sqlstate in _CONSTRAINTS and failure.constraint:
            return bool(self.constraints & {each for each in now.constraints if each[0] == failure.constraint})
        return False
