"""What is written down about one migration and each of its operations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from harness.agent.facts import modes


@dataclass
class Statement:
    """One SQL template, without parameters: how often it ran and for how long (seconds)."""

    sql: str
    times: int = 0
    seconds: float = 0.0


@dataclass
class Rows:
    """Tuples of one table that an operation read and wrote."""

    read: int = 0
    inserted: int = 0
    updated: int = 0
    deleted: int = 0

    @property
    def written(self) -> int:
        """Tuples inserted, updated and deleted."""
        return self.inserted + self.updated + self.deleted

    def add(self, other: Rows) -> None:
        """Add the counts of another."""
        self.read += other.read
        self.inserted += other.inserted
        self.updated += other.updated
        self.deleted += other.deleted


@dataclass
class OperationFacts:
    """The facts of one operation in one direction.

    `locks` are those that this operation took or made stronger on tables that existed before the migration, `inherited`
    those that earlier operations of the same transaction still held; `held` says for how long (seconds, until commit).
    `transaction_ends` are the times when it ended the transaction in which Django runs the migration: the statement
    ("" for a call of the driver) and what became of the work before it ("committed" or "aborted").
    """

    locks: dict[str, str] = field(default_factory=dict)
    inherited: dict[str, str] = field(default_factory=dict)
    blocks: dict[str, list[str]] = field(default_factory=dict)
    held: dict[str, float] = field(default_factory=dict)
    rewrites: list[str] = field(default_factory=list)
    scans: list[str] = field(default_factory=list)
    index_builds: list[dict[str, str]] = field(default_factory=list)
    server_says: list[str] = field(default_factory=list)
    rows: dict[str, Rows] = field(default_factory=dict)
    largest_transaction: int = 0
    transaction_ends: list[dict[str, str]] = field(default_factory=list)
    wal_bytes: int = 0
    seconds: float = 0.0
    statements: dict[str, Statement] = field(default_factory=dict)
    measured: bool = True
    error: BaseException | None = None
    last_statement: str = ""
    opaque: bool = False

    def lock(self, table: str, mode: str) -> None:
        """Note a lock; the strongest one per table stays."""
        self.locks[table] = modes.strongest([mode, self.locks.get(table, "")])

    def hold(self, table: str, seconds: float) -> None:
        """Note for how long the lock on a table was held; the longest time stays."""
        self.held[table] = max(seconds, self.held.get(table, 0.0))

    def block(self, table: str, verbs: list[str]) -> None:
        """Note which verbs have to wait on a table."""
        if verbs:
            known = self.blocks.get(table, [])
            self.blocks[table] = [verb for verb in modes.VERBS if verb in verbs or verb in known]

    def build(self, table: str, index: str) -> None:
        """Note an index that was built on a table, once."""
        if {"table": table, "index": index} not in self.index_builds:
            self.index_builds.append({"table": table, "index": index})

    def note(self, facts: list[str], name: str) -> None:
        """Add a name to one of the lists of facts, once."""
        if name not in facts:
            facts.append(name)

    def to_json(self) -> dict[str, Any]:
        """Return the facts as JSON types; what the database cannot tell is absent."""
        result: dict[str, Any] = {
            "seconds": round(self.seconds, 6),
            "statements": [vars(each) | {"seconds": round(each.seconds, 6)} for each in self.statements.values()],
        }
        if not self.measured:
            return result
        return {
            "locks": self.locks,
            "inherited_locks": self.inherited,
            "blocks": self.blocks,
            "held": {table: round(seconds, 6) for table, seconds in self.held.items()},
            "longest_block": round(max((self.held.get(table, 0.0) for table in self.blocks), default=0.0), 6),
            "rewrites": self.rewrites,
            "scans": self.scans,
            "index_builds": self.index_builds,
            "server_says": self.server_says,
            "rows_read": sum(rows.read for rows in self.rows.values()),
            "rows_written": sum(rows.written for rows in self.rows.values()),
            "rows": {table: vars(rows) for table, rows in self.rows.items()},
            "largest_transaction": self.largest_transaction,
            "transaction_ends": self.transaction_ends,
            "wal_bytes": self.wal_bytes,
            **result,
        }


@dataclass
class OperationRecord:
    """One operation: its place in the migration, its kind and words, its arguments as source, and its facts."""

    index: int
    kind: str
    describe: str
    reversible: bool
    app: str = ""
    details: dict[str, str] = field(default_factory=dict)
    facts: OperationFacts = field(default_factory=OperationFacts)
    executed: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the operation as JSON types; `facts` is null where it did not run."""
        return {
            "index": self.index,
            "kind": self.kind,
            "describe": self.describe,
            "reversible": self.reversible,
            "app": self.app,
            "details": self.details,
            "facts": self.facts.to_json() if self.executed else None,
        }


@dataclass
class MigrationRecord:
    """One migration in one direction: its operations in the order of the file, and how it ended.

    `renamed` maps the names of tables, as they were when it began, to those that they had before the plan; `abandoned`
    tells that a transaction that it had begun by hand was rolled back.
    """

    app: str
    name: str
    file: str
    atomic: bool
    operations: list[OperationRecord]
    seconds: float = 0.0
    failure: dict[str, Any] | None = None
    old_code: dict[str, Any] | None = None
    renamed: dict[str, str] = field(default_factory=dict)
    abandoned: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the migration as JSON types."""
        return {
            "app": self.app,
            "migration": self.name,
            "file": self.file,
            "atomic": self.atomic,
            "seconds": round(self.seconds, 6),
            "operations": [operation.to_json() for operation in self.operations],
            "failure": self.failure,
            "old_code": self.old_code,
            "renamed": self.renamed,
        }
