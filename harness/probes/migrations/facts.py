"""The facts that an agent brings back from one rehearsal, in types."""

from __future__ import annotations

from typing import Any

import msgspec

from harness.probes.migrations.source import lines_of

SELECT, WRITES = "SELECT", ("INSERT", "UPDATE", "DELETE")


class Statement(msgspec.Struct, frozen=True):
    """An SQL template, how often it ran and for how many seconds in all."""

    sql: str
    times: int
    seconds: float


class IndexBuild(msgspec.Struct, frozen=True):
    """An index that was built on a table that existed before."""

    table: str
    index: str


class Rows(msgspec.Struct, frozen=True):
    """Tuples of one table that were read and written."""

    read: int = 0
    inserted: int = 0
    updated: int = 0
    deleted: int = 0


class Facts(msgspec.Struct, frozen=True):
    """What one operation did in one direction; on a database that tells less, everything but the first two is empty.

    `locks` are those that it took, `inherited_locks` those that its transaction held already; `held` and
    `longest_block` are seconds, until commit.
    """

    seconds: float
    statements: list[Statement]
    locks: dict[str, str] = {}
    inherited_locks: dict[str, str] = {}
    blocks: dict[str, list[str]] = {}
    held: dict[str, float] = {}
    longest_block: float = 0.0
    rewrites: list[str] = []
    scans: list[str] = []
    index_builds: list[IndexBuild] = []
    server_says: list[str] = []
    rows_read: int = 0
    rows_written: int = 0
    rows: dict[str, Rows] = {}
    largest_transaction: int = 0
    wal_bytes: int = 0

    @property
    def locks_in_force(self) -> dict[str, str]:
        """All locks under which it worked: its own, and those of the operations before it in its transaction."""
        return {**self.inherited_locks, **self.locks}


class Step(msgspec.Struct, frozen=True):
    """One operation of a migration; `facts` is None where it did not run."""

    index: int
    kind: str
    describe: str
    reversible: bool
    facts: Facts | None = None
    line: int = 0


class OldCodeFailure(msgspec.Struct, frozen=True):
    """Something that the code of before can no longer do; `index` is the operation at fault, where it is known."""

    model: str
    table: str
    verb: str
    column: str
    case: str
    reason: str
    sqlstate: str
    constraint: str
    index: int | None = None


class OldCode(msgspec.Struct, frozen=True):
    """How the code of before fared after a migration: how many tries were made, and which failed."""

    tried: int
    models: list[str]
    failures: list[OldCodeFailure]


class Failure(msgspec.Struct, frozen=True):
    """Where and why a plan broke off, and what it left behind."""

    app: str
    migration: str
    file: str
    index: int | None
    describe: str
    statement: str
    kind: str
    sqlstate: str
    message: str
    irreversible: bool
    done: list[list[str]]
    not_begun: list[list[str]]
    left: str
    invalid_indexes: list[str]
    line: int = 0


class Migration(msgspec.Struct, frozen=True):
    """One migration in one direction; `renamed` maps the names of tables to those that they had before the phase."""

    app: str
    migration: str
    file: str
    atomic: bool
    seconds: float
    operations: list[Step]
    failure: Failure | None = None
    old_code: OldCode | None = None
    renamed: dict[str, str] = {}

    @property
    def name(self) -> str:
        """Its name with the app's label."""
        return f"{self.app}.{self.migration}"

    def about(self, step: Step) -> str:
        """Name one of its operations: "app.0002_name[1] Add field x to y"."""
        return f"{self.name}[{step.index}] {step.describe}"


class Rehearsal(msgspec.Struct, frozen=True):
    """One direction of a phase; `tables` are the rows of every table before it, `..._seconds` its costs."""

    direction: str
    database: dict[str, str]
    tables: dict[str, int]
    migrations: list[Migration]
    failure: Failure | None = None
    old_code_seconds: float = 0.0
    observing_seconds: float = 0.0


def read(result: dict[str, Any]) -> Rehearsal:
    """Read what the procedure `observe` returned, and find the line of every operation."""
    rehearsal = msgspec.convert(result, Rehearsal)
    migrations = [_with_lines(each) for each in rehearsal.migrations]
    failure = rehearsal.failure
    if failure and failure.index is not None:
        failure = msgspec.structs.replace(failure, line=migrations[-1].operations[failure.index].line)
    return msgspec.structs.replace(rehearsal, migrations=migrations, failure=failure)


def _with_lines(migration: Migration) -> Migration:
    lines = lines_of(migration.file, len(migration.operations))
    steps = [msgspec.structs.replace(step, line=line) for step, line in zip(migration.operations, lines, strict=True)]
    return msgspec.structs.replace(migration, operations=steps)
