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
_PATIENCE = ("1ms", "60ms")
_LOCK_NOT_AVAILABLE = "55P03"


class Witness:
    """Tries every verb on a table: it takes the locks of the real statement, touches no row and is rolled back."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._connection = connection.copy()

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
        self._connection.ensure_connection()
        raw = self._connection.connection
        raw.autocommit = False
        column = table.column
        if column is None and verb in ("INSERT", "UPDATE"):
            return False
        try:
            with self._connection.wrap_database_errors, raw.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = '{patience}'")
                cursor.execute(_TRIES[verb].format(table=table.name, column=column))
        except Error as error:
            if words.sqlstate(error) != _LOCK_NOT_AVAILABLE:
                raise
            return True
        finally:
            raw.rollback()
        return False
