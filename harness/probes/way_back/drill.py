"""The drill: late writes, backward, the old release again, forward again, and the restored backup."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.databases import Database
from harness.databases.comparison import Comparison, Difference, compare
from harness.databases.fingerprint import Fingerprint, take_fingerprint
from harness.databases.renames import find_renamed
from harness.errors import ProbeError
from harness.probes.stepwise import blame_backward, blame_forward
from harness.probes.way_back.again import Again, compare_again
from harness.probes.way_back.journey import Backward, Forward, Restored, go_back, go_forward, needs_late_writes, restore
from harness.probes.way_back.late_writes import LateWrites, write_late
from harness.probes.way_back.losses import Losses, find_late_losses, find_losses, known_keys
from harness.probes.way_back.names import Names
from harness.probes.way_back.operations import Tried, try_operations
from harness.probes.way_back.reads import Reads, read_late
from harness.probes.world import World


@dataclass
class Result:
    """All that the drill saw; what comes after a refused migration is None.

    `culprits` maps what was lost ("table.column") to the migration that lost it, with the direction in which it did.
    """

    before: Fingerprint
    migrations: list[str]
    late: LateWrites
    known: int
    backward: Backward
    restored: Restored
    restore: Comparison
    losses: Losses | None = None
    tried: Tried | None = None
    reads: Reads | None = None
    again: Again | None = None
    forward: Forward | None = None
    culprits: dict[str, tuple[str, str]] = field(default_factory=dict)


class Drill:
    """Goes both ways back on copies of the world's databases."""

    def __init__(self, world: World, late_writes_per_model: int) -> None:
        self._world = world
        self._per_model = late_writes_per_model
        self._before = take_fingerprint(world.before())
        self._after = take_fingerprint(world.after(), like=self._before.schema)
        applied = set(self._before.migrations)
        self._migrations = [migration for migration in self._after.migrations if migration not in applied]
        if world.phase.migrations and not self._migrations:
            raise ProbeError(
                f"Phase {world.phase.number} names migrations, but django_migrations is the same before and after it; "
                "there is no way back to rehearse."
            )
        changes = world.phase.entry("integrity").options.get("changes", [])
        self._names = Names(self._before.schema, find_renamed(self._before, self._after), changes)

    def run(self) -> Result:
        """Do it all, and drop the copies that it took."""
        result = self._run()
        for database in (result.late.database, result.backward.database, result.restored.fingerprint.database):
            self._world.server.drop(database)
        return result

    def _run(self) -> Result:
        self._tell("the new release writes")
        late = write_late(self._world, self._before, self._after, self._per_model)
        self._tell("going backward")
        backward = go_back(self._world, late.database, self._migrations)
        self._tell("restoring the backup")
        restored = restore(self._world, self._before)
        result = Result(
            before=self._before,
            migrations=self._migrations,
            late=late,
            known=sum(map(len, known_keys(late, self._names).values())),
            backward=backward,
            restored=restored,
            restore=compare(self._before, restored.fingerprint),
        )
        if backward.refusal:
            after = self._after.database
            clean = needs_late_writes(self._world, after, backward.refusal, self._migrations)
            backward.refusal.only_with_late_writes = clean
            return result
        return self._compare(result)

    def _compare(self, result: Result) -> Result:
        """Compare what came back, let the old release work on it, and go forward again."""
        self._tell("comparing what came back")
        back = self._read(result.backward.database)
        result.losses = find_losses(self._before, result.late, back, self._names)
        if result.losses.lost or result.losses.late:
            result.culprits = self._find_culprits(result.late, result.losses)
        self._tell("the old release works again")
        # Tables that going back has filled have no statistics; on a server in use autovacuum sees to that.
        self._world.server.analyze(result.backward.database)
        result.tried = try_operations(self._world, result.backward.database)
        result.reads = read_late(self._world, self._after.database, result.late, result.backward.database, self._names)
        self._tell("going forward again")
        result.forward = go_forward(self._world, result.backward.database, self._migrations)
        if result.forward.refusal:
            return result
        result.again = compare_again(result.late, self._read(result.backward.database), self._names)
        if result.again.new:
            result.again.new = self._without_late_writes()
        return result

    def _without_late_writes(self) -> list[Difference]:
        """Go backward and forward without late writes, whose presence may rightly change what a backfill computes."""
        clean = go_back(self._world, self._after.database, self._migrations).database
        go_forward(self._world, clean, self._migrations)
        comparison = compare_again(LateWrites(self._after, {}), self._read(clean), self._names)
        self._world.server.drop(clean)
        return comparison.new

    def _find_culprits(self, late: LateWrites, losses: Losses) -> dict[str, tuple[str, str]]:
        """Go backward one migration at a time; what already differs at the start was done going forward."""
        tables = {each.table for each in [*losses.lost, *losses.late]}
        tables |= {table for table in late.keys if self._names.before(table) in tables}
        ignore = known_keys(late, self._names)

        def look(database: Database) -> set[str]:
            now = self._read(database, tables)
            differences = compare(self._before, now, ignore=ignore).differences
            return {each.about for each in differences + find_late_losses(self._before, late, now, self._names)}

        def look_forward(database: Database) -> set[str]:
            return {each.about for each in compare(self._before, self._read(database, tables)).differences}

        backward = blame_backward(self._world, late.database, self._migrations, look)
        found = {about: (migration, "backward") for about, migration in backward.items() if migration}
        if len(found) < len(backward):
            forward = blame_forward(self._world, self._before.database, self._migrations, look_forward)
            found |= {about: (name, "forward") for about, name in forward.items() if name and about not in found}
        return found

    def _read(self, database: Database, tables: set[str] | None = None) -> Fingerprint:
        return take_fingerprint(database, like=self._before.schema, tables=tables)

    def _tell(self, message: str) -> None:
        self._world.progress("way back", message)
