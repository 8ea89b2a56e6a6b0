"""A second session that really tries to read and write while the migration's transaction is open."""

from __future__ import annotations

from django.db import Error
from django.db.backends.base.base import BaseDatabaseWrapper

from harness.agent.facts import modes, words
from harness.agent.facts.catalog import Relation

_TRIES = {
    "SELECT": "SELECT 1 FROM {table} WHERE false",
    "SELECT FOR UPDATE": "SELECT 1 FROM {table} WHERE false FOR UPDATE",
    "INSERT": "INSERT INTO {table} ({column}) SELECT {column} FROM {table} WHERE false",
    "UPDATE": "UPDATE {table} SET {column} = {column} WHERE false",
    "DELETE": "DELETE FROM {table} WHERE false",
}
# Nobody else works on a rehearsal copy, so a request that is not granted at once waits for the migration.
_COLUMN = """
    SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = %s AND attnum > 0 AND NOT attisdropped
        AND attgenerated = '' AND attidentity <> 'a' ORDER BY attnum LIMIT 1
"""
_PATIENCE = ("1ms", "60ms")
_LOCK_NOT_AVAILABLE = "55P03"


class Witness:
    """Tries every verb on a table: it takes the locks of the real statement, touches no row and is rolled back."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._connection = connection.copy()
        self._patience = ""
        self._columns: dict[int, str] = {}

    def close(self) -> None:
        """Close the second session."""
        self._connection.close()

    def blocked(self, table: Relation, mode: str) -> list[str]:
        """Return the verbs that have to wait on `table`, on which the migration holds `mode`."""
        return [verb for verb in modes.VERBS if self._waits(verb, table, expected=verb in modes.blocked_verbs(mode))]

    def _waits(self, verb: str, table: Relation, *, expected: bool) -> bool:
        waits = self._try(verb, table, _PATIENCE[0])
        # What contradicts the documented conflict table is tried again with more patience before it is believed.
        return waits if waits == expected else self._try(verb, table, _PATIENCE[1])

    def _try(self, verb: str, table: Relation, patience: str) -> bool:
        column = self._column(table)
        if not column and verb in ("INSERT", "UPDATE"):
            return False
        statement = _TRIES[verb].format(table=table.name, column=column)
        try:
            self._run(patience, f"BEGIN; {statement}; ROLLBACK")
        except Error as error:
            self._run(patience, "ROLLBACK")
            if words.sqlstate(error) != _LOCK_NOT_AVAILABLE:
                raise
            return True
        return False

    def _column(self, table: Relation) -> str:
        """Return a column of the table that may be written, "" where it has none."""
        if table.oid not in self._columns:
            self._connection.ensure_connection()
            with self._connection.connection.cursor() as cursor:
                cursor.execute(_COLUMN, (table.oid,))
                self._columns[table.oid] = next(iter(cursor.fetchone() or ()), "")
        return self._columns[table.oid]

    def _run(self, patience: str, sql: str) -> None:
        """Send statements in one go, without Django's wrappers around them."""
        self._connection.ensure_connection()
        with self._connection.wrap_database_errors, self._connection.connection.cursor() as cursor:
            if patience != self._patience:
                cursor.execute(f"SET lock_timeout = '{patience}'")
                self._patience = patience
            cursor.execute(sql)
