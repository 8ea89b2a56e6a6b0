"""A second session that really tries to read and write while the migration's transaction is open."""

from __future__ import annotations

from django.db import Error
from django.db.backends.base.base import BaseDatabaseWrapper

from harness.agent.facts import modes, words
from harness.agent.facts.catalog import Relation

# In ascending strength of the lock that they need; UPDATE and DELETE need the same one as INSERT.
_TRIES = {
    "SELECT": "SELECT 1 FROM {table} WHERE false",
    "SELECT FOR UPDATE": "SELECT 1 FROM {table} WHERE false FOR UPDATE",
    "INSERT": "DELETE FROM {table} WHERE false",
}
_LEVELS = tuple(_TRIES)
# Nobody else works on a rehearsal copy, so a request that is not granted at once waits for the migration.
_PATIENCE, _MORE_PATIENCE = "1ms", "60ms"
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

        Whoever shuts out a verb shuts out those that need a stronger lock too; so where the documented conflict table
        says that the border lies, the verbs on both sides of it are tried, and all of them where it lies elsewhere.
        """
        border = len(_LEVELS) - sum(verb in modes.blocked_verbs(mode) for verb in _LEVELS)
        sides = [_LEVELS[level] for level in (border - 1, border) if 0 <= level < len(_LEVELS)]
        waiting = [verb for verb in sides if self._try(verb, table, _PATIENCE)]
        if waiting != list(_LEVELS[border : border + 1]):
            waiting = [verb for verb in _LEVELS if self._try(verb, table, _MORE_PATIENCE)]
        first = modes.VERBS.index(waiting[0]) if waiting else len(modes.VERBS)
        return list(modes.VERBS[first:])

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
