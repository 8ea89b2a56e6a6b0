"""What the load does to the server: CPU, memory, connections, locks that are waited for, time in the database."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import psycopg

from harness.databases import Database
from harness.errors import ReleaseError
from harness.releases import Served

ACTIVITY = """
SELECT count(*), count(*) FILTER (WHERE state = 'active'), count(*) FILTER (WHERE wait_event_type = 'Lock')
FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
STATEMENTS = """
SELECT regexp_replace(query, '\\s+', ' ', 'g'), calls, total_exec_time FROM pg_stat_statements
WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND query ~* '^\\s*(SELECT|INSERT|UPDATE|DELETE|WITH)' AND query !~ 'pg_stat_'
ORDER BY total_exec_time DESC LIMIT 8
"""
TOTALS = """
SELECT xact_commit, xact_rollback, deadlocks, temp_bytes, blks_read, blks_hit, tup_returned, tup_fetched
FROM pg_stat_database WHERE datname = current_database()
"""
NAMES = ("transactions", "rolled back", "deadlocks", "temporary bytes", "blocks read", "blocks found in memory")
SCANNED = ("rows scanned", "rows fetched by an index")
LONGEST = 160
FEWEST_SAMPLES = 6


class Sample(NamedTuple):
    """One look: seconds since the first one, CPU seconds and memory of the server's processes, connections."""

    seconds: float
    cpu: float
    memory: int
    connections: int
    active: int
    waiting: int


class Watch:
    """Looks at a server and its database once a second, from outside; `samples` are all looks."""

    def __init__(self, served: Served, connection: Any) -> None:
        self.samples: list[Sample] = []
        self.gone = ""
        self._served = served
        self._connection = connection
        self._began = time.monotonic()
        self._gone = 0.0
        self._totals = self._read_totals()
        self.look()

    def follow(self, gone: float) -> None:
        """Look, `gone` seconds after a run began; where another run has begun, forget the one before."""
        if gone < self._gone:
            self.samples.clear()
            self._began = time.monotonic()
            self._totals = self._read_totals()
        self._gone = gone
        self.look()

    def look(self) -> None:
        """Look once; a server that has ended is remembered in `gone`."""
        try:
            usage = self._served.usage()
        except ReleaseError as error:
            self.gone = str(error)
            return
        activity = (0, 0, 0)
        if self._connection is not None:
            activity = self._connection.execute(ACTIVITY).fetchone()
        self.samples.append(Sample(time.monotonic() - self._began, usage.cpu_seconds, usage.rss_bytes, *activity))

    @property
    def cpu_seconds(self) -> float:
        """The CPU time that the server's processes have used between the first and the last look."""
        return self.samples[-1].cpu - self.samples[0].cpu

    @property
    def cpu_share(self) -> float:
        """The share of one core that the server used, in percent."""
        gone = self.samples[-1].seconds - self.samples[0].seconds
        return 100 * self.cpu_seconds / gone if gone > 0 else 0.0

    def memory_growth(self, warmup: float) -> float | None:
        """Return the growth of the memory from the first third after the warm-up to the last, in %; None if short."""
        sizes = [each.memory for each in self.samples if each.seconds >= warmup]
        third = len(sizes) // 3
        if len(sizes) < FEWEST_SAMPLES:
            return None
        first, last = sorted(sizes[:third]), sorted(sizes[-third:])
        return 100.0 * (last[third // 2] / first[third // 2] - 1)

    def totals(self) -> dict[str, int]:
        """Return what the database itself counted meanwhile (`pg_stat_database`); empty without PostgreSQL."""
        counted = zip([*NAMES, *SCANNED], self._totals, self._read_totals(), strict=False)
        return {name: after - before for name, before, after in counted}

    def _read_totals(self) -> tuple[int, ...]:
        if self._connection is None:
            return ()
        with contextlib.suppress(psycopg.Error):
            self._connection.execute("SELECT pg_stat_clear_snapshot()")
            return tuple(self._connection.execute(TOTALS).fetchone())
        return ()

    def statements(self) -> list[list[Any]]:
        """Return (statement, calls, mean ms) of those that took the most time; constants are left out of them."""
        if self._connection is None:
            return []
        with contextlib.suppress(psycopg.Error):
            self._connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
            rows = self._connection.execute(STATEMENTS).fetchall()
            return [[text[:LONGEST], calls, round(total / calls, 2)] for text, calls, total in rows]
        return []


class Unwatched(Watch):
    """A server that can only be asked over HTTP."""

    def __init__(self) -> None:
        self.samples: list[Sample] = []
        self.gone = ""
        self._connection = None
        self._totals = ()

    def follow(self, gone: float) -> None:
        """Nothing can be seen from here."""


@contextlib.contextmanager
def watch(served: Served, database: Database) -> Iterator[Watch]:
    """Watch a server and, with PostgreSQL, its database; the connection is closed at the end."""
    if database.engine != "postgresql":
        yield Watch(served, None)
        return
    with contextlib.closing(database.connect()) as connection:
        yield Watch(served, connection)
