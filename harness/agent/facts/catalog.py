"""Reads PostgreSQL's catalog on the migrating session itself: uncommitted changes are visible only there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from harness.agent.facts.record import Rows

_COUNTS = """
    pg_stat_get_tuples_returned({oid}) + pg_stat_get_xact_tuples_returned({oid}),
    pg_stat_get_tuples_fetched({oid}) + pg_stat_get_xact_tuples_fetched({oid}),
    pg_stat_get_tuples_inserted({oid}) + pg_stat_get_xact_tuples_inserted({oid}),
    pg_stat_get_tuples_updated({oid}) + pg_stat_get_xact_tuples_updated({oid}),
    pg_stat_get_tuples_deleted({oid}) + pg_stat_get_xact_tuples_deleted({oid})
"""
# Flushed and unflushed counts are added up, so that the sum does not depend on when the server flushes.
_FIRST_USER_OID = 16384
_FRESH_STATISTICS = 150000
Counts = tuple[int, ...]
_WAL = "(SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn)"
_TRANSACTION = "CASE current_setting('transaction_read_only') WHEN 'off' THEN txid_current() ELSE 0 END"
_STATE = f"{_WAL}, {_TRANSACTION}"
_RELATIONS = f"""
    SELECT {_STATE}, c.oid, c.oid::regclass::text, c.relname, c.relkind::text, coalesce(i.indrelid,
               CASE c.relkind WHEN 'S' THEN (
                   SELECT d.refobjid FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                   AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') LIMIT 1) END, c.oid),
           pg_relation_filenode(c.oid), c.reltuples::bigint
    FROM pg_class c
    LEFT JOIN pg_index i ON i.indexrelid = c.oid
    WHERE c.relkind IN ('r', 'p', 'm', 'i', 'I', 'S') AND c.relpersistence <> 't'
      AND c.relnamespace <> 'pg_toast'::regnamespace AND c.oid >= {_FIRST_USER_OID}
"""  # noqa: S608  # nosec B608  # made of constants
_ALL_COUNTS = f"""
    SELECT {_STATE}, c.oid, c.oid::regclass::text, c.relname, '{{}}'::text[], pg_relation_filenode(c.oid), false,
           {_COUNTS.format(oid="c.oid")}
    FROM pg_class c
    WHERE c.relkind IN ('r', 'p', 'm', 'i') AND c.relpersistence <> 't'
      AND c.relnamespace <> 'pg_toast'::regnamespace AND c.oid >= {_FIRST_USER_OID}
"""  # noqa: S608  # nosec B608  # made of constants
_HELD = f"""
    SELECT {_STATE}, l.relation, coalesce(c.oid::regclass::text, ''), coalesce(c.relname, ''), l.modes,
           pg_relation_filenode(c.oid), c.oid IS NULL, {_COUNTS.format(oid="l.relation")}
    FROM (SELECT relation, array_agg(DISTINCT mode) AS modes FROM pg_locks
          WHERE pid = pg_backend_pid() AND locktype = 'relation' AND granted AND relation >= {_FIRST_USER_OID}
          GROUP BY relation) l
    LEFT JOIN pg_class c ON c.oid = l.relation
    WHERE c.relnamespace IS DISTINCT FROM 'pg_toast'::regnamespace
"""  # noqa: S608  # nosec B608  # made of constants


@dataclass
class Relation:
    """A table, index or sequence as it was before a migration; `owner` is the oid of the table that it belongs to."""

    oid: int
    name: str
    bare: str
    kind: str
    owner: int
    filenode: int | None
    tuples: int

    @property
    def is_table(self) -> bool:
        """Tell whether rows live in it."""
        return self.kind in ("r", "p", "m")


@dataclass
class Held:
    """A relation on which the session holds locks now: its present name ("" once dropped), modes and counts."""

    oid: int
    name: str
    bare: str
    modes: list[str]
    filenode: int | None
    dropped: bool
    counts: Counts


class Catalog:
    """Raw queries on the migrating connection, past Django's wrappers.

    `wal` is the position in the write-ahead log (bytes) when relations were last read, `transaction` the number of the
    transaction in which that was (0 where it may only read).
    """

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.wal = self.transaction = 0
        self._connection = connection

    def query(self, sql: str, parameters: tuple[Any, ...] | None = None) -> list[tuple[Any, ...]]:
        """Run a query on the migrating session and return all its rows."""
        with self._connection.connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return list(cursor.fetchall())

    def run(self, sql: str) -> None:
        """Run a statement on the migrating session."""
        with self._connection.connection.cursor() as cursor:
            cursor.execute(sql)

    def relations(self, only: set[int] | None = None) -> dict[int, Relation]:
        """Return the tables, indexes and sequences of the user by oid, all of them or `only` some."""
        sql = _RELATIONS if only is None else f"EXECUTE harness_relations ('{{{','.join(map(str, only))}}}')"
        rows = self._read(sql)
        return {
            oid: Relation(oid, name, bare, kind, owner, filenode, tuples)
            for _, _, oid, name, bare, kind, owner, filenode, tuples in rows
        }

    def all(self) -> list[Held]:
        """Return every table and index with what was read and written so far, locked or not."""
        return _as_held(self._read("EXECUTE harness_all"))

    def held(self) -> list[Held]:
        """Return the relations that the session has locked in its open transaction."""
        return _as_held(self._read("EXECUTE harness_held"))

    def attach(self) -> None:
        """Set up a new session: it talks more than usual, and plans the query that is asked most only once."""
        self.set_up()
        statements = [f"PREPARE harness_held AS {_HELD}"]
        statements.append(f"PREPARE harness_all AS {_ALL_COUNTS}")
        statements.append(f"PREPARE harness_relations (oid[]) AS {_RELATIONS} AND c.oid = ANY($1)")
        self.run("; ".join(statements))

    def set_up(self) -> None:
        """Set what a session forgets when the transaction in which it was set is rolled back."""
        statements = ["SET client_min_messages = debug1"]
        if self._connection.pg_version >= _FRESH_STATISTICS:  # type: ignore[attr-defined]
            statements.append("SET stats_fetch_consistency = none")
        self.run("; ".join(statements))

    def detach(self) -> None:
        """Undo `attach`."""
        statements = [f"DEALLOCATE harness_{name}" for name in ("held", "all", "relations")]
        if self._connection.pg_version >= _FRESH_STATISTICS:  # type: ignore[attr-defined]
            statements.append("RESET stats_fetch_consistency")
        self.run("; ".join([*statements, "RESET client_min_messages"]))

    def _read(self, sql: str) -> list[tuple[Any, ...]]:
        """Run a query whose first columns are the position in the write-ahead log and the transaction."""
        rows = self.query(sql)
        self.wal, self.transaction = map(int, (rows or self.query(f"SELECT {_STATE}"))[0][:2])
        return rows

    def outcome(self, transaction: int) -> str:
        """Return what became of a transaction: "committed", "aborted", or "in progress"."""
        return str(self.query("SELECT txid_status(%s)", (transaction,))[0][0])

    def pid(self) -> int:
        """Return the process id of the session on the server."""
        return int(self.query("SELECT pg_backend_pid()")[0][0])

    def constraint_tables(self, constraint: str) -> list[str]:
        """Return the tables that have a constraint of that name."""
        rows = self.query("SELECT conrelid::regclass::text FROM pg_constraint WHERE conname = %s", (constraint,))
        return [row[0] for row in rows]

    def invalid_indexes(self) -> list[str]:
        """Return the indexes that a broken concurrent build left behind."""
        rows = self.query("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid ORDER BY 1")
        return [row[0] for row in rows]


def _as_held(rows: list[tuple[Any, ...]]) -> list[Held]:
    return [
        Held(oid, name, bare, [mode.removesuffix("Lock") for mode in modes], filenode, dropped, tuple(counts))
        for _, _, oid, name, bare, modes, filenode, dropped, *counts in rows
    ]


def difference(before: Counts, after: Counts, *, index: bool) -> Rows:
    """Return the tuples read and written between two counts; an index counts only what was fetched through it."""
    returned, fetched, inserted, updated, deleted = (max(0, b - a) for a, b in zip(before, after, strict=True))
    return Rows(fetched) if index else Rows(returned + fetched, inserted, updated, deleted)


def table_rows(connection: BaseDatabaseWrapper) -> dict[str, int]:
    """Return the number of rows of every table: the planner's estimate where there is one, else counted."""
    catalog = Catalog(connection)
    connection.ensure_connection()
    tables = [each for each in catalog.relations().values() if each.is_table]
    return {
        each.name: each.tuples if each.tuples >= 0 else int(catalog.query(f"SELECT count(*) FROM {each.name}")[0][0])  # noqa: S608
        for each in tables
    }
