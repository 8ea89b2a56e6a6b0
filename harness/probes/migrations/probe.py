"""The probe "migrations"."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import ClassVar

import msgspec

from harness.evidence import Evidence, Measurement
from harness.probes.migrations.facts import Rehearsal, read
from harness.probes.migrations.hazards import Hazards
from harness.probes.migrations.report import Report
from harness.probes.probe import Options, Probe
from harness.probes.world import World
from harness.provenance import today
from harness.releases import Agent


class MigrationOptions(Options, frozen=True, kw_only=True):
    """`old_code` lets the models of before try the schema after each migration; off where they need not work."""

    old_code: bool = True


class Migrations(Probe[MigrationOptions]):
    """Applies the phase's migrations on a copy, operation by operation, and takes them back again."""

    name: ClassVar[str] = "migrations"
    title: ClassVar[str] = "what each migration operation locks, rewrites, scans and blocks, forward and backward"
    options: ClassVar[type[Options]] = MigrationOptions
    measures: ClassVar[dict[str, str]] = {
        "migrations": "migrations that the phase applies",
        "operations": "operations in them",
        "failures": "directions in which the migrations broke off (0, 1 or 2)",
        "longest block": "longest time for which a table was closed to readers or writers (ms)",
        "blocking operations": "operations whose work grows with a table while they keep others from it",
        "irreversible operations": "operations without a reverse, or whose reverse failed",
        "rows written": "rows that the operations wrote",
        "wal bytes": "write-ahead log that the operations wrote (bytes)",
        "seconds": "wall time of each migration, forward (s)",
        "overhead": "wall time of the observed rehearsal over that of the plain migrate, two runs (ratio)",
        "observing": "wall time of the observed rehearsal over the same without reading facts, one run (ratio)",
    }

    def measure(self, world: World, options: MigrationOptions) -> Evidence:
        """Rehearse the phase's migrations forward and backward on one copy, and plainly on another one."""
        if not world.phase.migrations:
            return Evidence(probe=self.name, outcome="skipped", reason=f"phase {world.phase.number} has no migrations")
        forward, backward, seconds = self._rehearse(world, old_code=options.old_code)
        root = Path(world.rollout.folder)
        hazards = [Hazards(each, forward.tables, root) for each in (forward, backward) if each]
        report = Report(forward, backward, hazards, root, today())
        measurements = report.measurements()
        if not forward.failure:
            overhead = round(seconds / self._migrate_plainly(world), 3)
            measurements.append(Measurement(name="overhead", value=overhead, unit="ratio"))
            share = round(seconds / (seconds - forward.observing_seconds), 3)
            measurements.append(Measurement(name="observing", value=share, unit="ratio"))
        artifact = world.artifact("facts.json")
        artifact.write_bytes(msgspec.json.format(msgspec.json.encode(report.facts()), indent=2))
        return Evidence(
            probe=self.name,
            outcome="measured",
            summary=report.summary(),
            measurements=measurements,
            findings=report.findings,
            artifacts=[world.keep(artifact, "Facts of every migration operation")],
            details={"tables": report.tables(), "database": forward.database},
        )

    def _rehearse(self, world: World, *, old_code: bool) -> tuple[Rehearsal, Rehearsal | None, float]:
        """Go forward and back on one copy; return both with the seconds of the way forward."""
        with self._agent(world, "rehearsal") as agent:
            progress, targets = self._progress(world, "forward"), world.phase.migrations
            start = perf_counter()
            forward = read(agent.call("observe", targets=targets, old_code=old_code, progress=progress))
            seconds = perf_counter() - start - forward.old_code_seconds
            done = [[each.app, each.migration] for each in forward.migrations if not each.failure]
            if forward.failure or not done:
                return forward, None, seconds
            back = agent.call("observe", unapply=done, progress=self._progress(world, "backward"))
            return forward, read(back), seconds

    def _migrate_plainly(self, world: World) -> float:
        """Apply the same migrations without observing them and return the seconds."""
        with self._agent(world, "plain") as agent:
            start = perf_counter()
            agent.call("migrate", targets=world.phase.migrations, progress=self._progress(world, "plain migrate"))
            return perf_counter() - start

    @contextmanager
    def _agent(self, world: World, label: str) -> Iterator[Agent]:
        """Run the candidate's agent on a copy of its own, which is dropped afterwards."""
        copy = world.copy(world.before(), label)
        try:
            with world.agent(world.candidate, copy) as agent:
                agent.call("hello")
                yield agent
        finally:
            world.server.drop(copy)

    def _progress(self, world: World, direction: str) -> Callable[[str, float, float], None]:
        def tell(message: str, done: float, total: float) -> None:
            world.progress(self.name, f"{direction}: {message}", done, total)

        return tell
