"""The facts that an agent brings back from one rehearsal, in types."""

from __future__ import annotations

from typing import Any

import msgspec

from harness.probes.migrations.source import lines_of

# Django puts it behind RenameModel when it migrates; no file has it.
_INJECTED = ("RenameContentType",)
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


class TransactionEnd(msgspec.Struct, frozen=True):
    """The transaction of the migration was ended by an operation: by a statement, or "" for a call of the driver.

    `outcome` is what became of the work before it, "committed" or "aborted".
    """

    statement: str
    outcome: str


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
    transaction_ends: list[TransactionEnd] = []
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
    app: str = ""
    details: dict[str, str] = {}


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


class Change(msgspec.Struct, frozen=True):
    """Rows of a table that were not the same after going back: `what` is "lost" or "altered"; column "" is the row."""

    table: str
    column: str
    what: str
    rows: int


class Drift(msgspec.Struct, frozen=True):
    """Where a table differs from what the models of then say."""

    code: str
    table: str
    column: str
    what: str


class CatalogRule(msgspec.Struct, frozen=True):
    """Something that a migration left in the catalog that nobody wants there."""

    code: str
    name: str
    table: str
    column: str


class LeftBehind(msgspec.Struct, frozen=True):
    """A model that a migration moved to another app, and what still refers to its old label."""

    app: str
    migration: str
    old: str
    new: str
    table: str
    permissions: bool
    generic: list[str]


class RoundTrip(msgspec.Struct, frozen=True):
    """One migration taken back right after it was applied, with late writes; `refused` says why that was refused.

    `backward` are the facts of going back without late writes where they were refused.
    """

    backward: Migration
    late_rows: int = 0
    refused: Failure | None = None
    changes: list[Change] = []
    late_changes: list[Change] = []
    new_code: OldCode | None = None


class Rehearsed(msgspec.Struct, frozen=True):
    """Everything that was measured about one migration that was rehearsed as a release of its own.

    `refused_rows` is how it failed on the rows that the rehearsal made up, where it works without them; `elsewhere` are
    the tables that it changes in another database, where nothing was measured.
    """

    forward: Rehearsal
    refused_rows: Failure | None = None
    elsewhere: list[str] = []
    round_trip: RoundTrip | None = None
    drift: list[Drift] = []
    catalog: list[CatalogRule] = []
    left_behind: list[LeftBehind] = []

    @property
    def migration(self) -> Migration:
        """The migration itself, forward."""
        return self.forward.migrations[0]


def read(result: dict[str, Any]) -> Rehearsal:
    """Read what the procedure `observe` returned, and find the line of every operation."""
    rehearsal = msgspec.convert(result, Rehearsal)
    migrations = [with_lines(each) for each in rehearsal.migrations]
    failure = rehearsal.failure
    if failure and failure.index is not None:
        failure = msgspec.structs.replace(failure, line=migrations[-1].operations[failure.index].line)
    return msgspec.structs.replace(rehearsal, migrations=migrations, failure=failure)


def with_lines(migration: Migration) -> Migration:
    """Find the line of every operation of a migration."""
    written = [step for step in migration.operations if step.kind not in _INJECTED]
    lines = dict(zip([step.index for step in written], lines_of(migration.file, len(written)), strict=True))
    steps = [msgspec.structs.replace(step, line=lines.get(step.index, 0)) for step in migration.operations]
    return msgspec.structs.replace(migration, operations=steps)
