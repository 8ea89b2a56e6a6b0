"""A second session that really tries to read and write while the migration's transaction is open."""

from __future__ import annotations

from django.db import Error
from django.db.backends.base.base import BaseDatabaseWrapper

from harness.agent.facts import modes, words
from harness.agent.facts.catalog import Relation

_TRIES = {
    "SELECT": "SELECT 1 FROM {table} WHERE false",
    "SELECT FOR UPDATE": "SELECT 1 FROM {table} WHERE false FOR UPDATE",
    "DELETE": "DELETE FROM {table} WHERE false",
}
# Nobody else works on a rehearsal copy, so a request that is not granted at once waits for the migration.
_PATIENCE = ("1ms", "60ms")
_LOCK_NOT_AVAILABLE = "55P03"


class Witness:
    """Tries every verb on a table: it takes the locks of the real statement, touches no row and is rolled back."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._connection = connection.copy()
        self._patience = ""

    def close(self) -> None:
        """Close the second session."""
        self._connection.close()

    def blocked(self, table: Relation, mode: str) -> list[str]:
        """Return the verbs that have to wait on `table`, on which the migration holds `mode`.

        Whoever shuts out a verb shuts out those that need a stronger lock too, so they need not be tried: SELECT, then
        SELECT FOR UPDATE, then the three that write, which need the same lock.
        """
        for first in ("SELECT", "SELECT FOR UPDATE", "DELETE"):
            if self._waits(first, table, mode):
                return list(modes.VERBS[modes.VERBS.index(first) :]) if first != "DELETE" else list(modes.WRITES)
        return []

    def _waits(self, verb: str, table: Relation, mode: str) -> bool:
        expected = verb in modes.blocked_verbs(mode)
        waits = self._try(verb, table, _PATIENCE[0])
        # What contradicts the documented conflict table is tried again with more patience before it is believed.
        return waits if waits == expected else self._try(verb, table, _PATIENCE[1])

    def _try(self, verb: str, table: Relation, patience: str) -> bool:
        statement = _TRIES[verb].format(table=table.name)
        try:
            self._run(patience, f"BEGIN; {statement}; ROLLBACK")
        except Error as error:
            self._run(patience, "ROLLBACK")
            if words.sqlstate(error) != _LOCK_NOT_AVAILABLE:
                raise
            return True
        return False

    def _run(self, patience: str, sql: str) -> None:
        """Send statements in one go, without Django's wrappers around them."""
        self._connection.ensure_connection()
        with self._connection.wrap_database_errors, self._connection.connection.cursor() as cursor:
            if patience != self._patience:
                cursor.execute(f"SET lock_timeout = '{patience}'")
                self._patience = patience
            cursor.execute(sql)
