"""Reads the lock request of a statement that runs outside a transaction and would be over before one could look."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from time import perf_counter, sleep

from django.db.backends.base.base import BaseDatabaseWrapper

from harness.agent.facts.catalog import Relation

_WAITING = "SELECT locktype, relation, mode FROM pg_locks WHERE pid = %s AND NOT granted"
_PAUSE = 0.0005


class Gate:
    """One statement at the gate: `requests` maps table oids to the mode asked for first, `waited` is the time lost."""

    def __init__(self, pid: int, watcher: BaseDatabaseWrapper, shut: dict[int, BaseDatabaseWrapper]) -> None:
        self.requests: dict[int, str] = {}
        self.waited = 0.0
        self._pid = pid
        self._watcher = watcher
        self._shut = shut
        self._done = threading.Event()
        self._started = perf_counter()
        self._thread = threading.Thread(target=self._watch, name="gate", daemon=True)
        self._thread.start()

    def finish(self) -> None:
        """Stop watching and open every table."""
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        try:
            while self._shut and not self._done.is_set():
                for kind, relation, mode in self._waiting():
                    self._open(relation if kind == "relation" else None, mode)
                sleep(_PAUSE)
        finally:
            self._open(None, "")

    def _waiting(self) -> list[tuple[str, int, str]]:
        with self._watcher.cursor() as cursor:
            cursor.execute(_WAITING, (self._pid,))
            return list(cursor.fetchall())

    def _open(self, relation: int | None, mode: str) -> None:
        """Open one table, or all where the statement waits for something else."""
        if relation is not None and relation in self._shut:
            self._shut.pop(relation).rollback()
            self.requests[relation] = mode.removesuffix("Lock")
            self.waited = perf_counter() - self._started
        else:
            while self._shut:
                self._shut.popitem()[1].rollback()


class Gatekeeper:
    """Holds tables shut with AccessExclusive locks, one session per table, while a statement starts."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._connection = connection
        self._sessions: list[BaseDatabaseWrapper] = []

    def close(self) -> None:
        """Close all sessions."""
        while self._sessions:
            self._sessions.pop().close()

    @contextmanager
    def hold(self, pid: int, tables: Iterable[Relation]) -> Iterator[Gate]:
        """Shut the tables for the statement in the block, run by session `pid`; each opens when it is asked for."""
        shut: dict[int, BaseDatabaseWrapper] = {}
        try:
            for number, table in enumerate(tables):
                shut[table.oid] = self._lock(self._session(number + 1), table)
            gate = Gate(pid, self._session(0), shut)
            try:
                yield gate
            finally:
                gate.finish()
        finally:
            for session in shut.values():
                session.rollback()

    def _session(self, number: int) -> BaseDatabaseWrapper:
        while len(self._sessions) <= number:
            session = self._connection.copy()
            session.inc_thread_sharing()
            session.connect()
            session.set_autocommit(not self._sessions)
            self._sessions.append(session)
        return self._sessions[number]

    def _lock(self, session: BaseDatabaseWrapper, table: Relation) -> BaseDatabaseWrapper:
        with session.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table.name} IN ACCESS EXCLUSIVE MODE")
        return session
