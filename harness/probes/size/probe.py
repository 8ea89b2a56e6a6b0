"""The probe "size"."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, ClassVar

import msgspec

from harness.databases import Database
from harness.databases.empty import empty
from harness.errors import ConfigurationError, ProbeError, ReleaseError
from harness.evidence import Evidence, Measurement
from harness.probes.migrations.facts import Rehearsal, read
from harness.probes.probe import Options, Probe
from harness.probes.size.prediction import Prediction, predict
from harness.probes.world import World


class SizeOptions(Options, frozen=True, kw_only=True):
    """`rows` are production's row counts by table; `--rows` on the command line adds to them."""

    rows: dict[str, Annotated[float, msgspec.Meta(ge=0)]] = {}


class Size(Probe[SizeOptions]):
    """Rehearses the phase on no rows and on all rows, and puts production's rows into the straight line."""

    name: ClassVar[str] = "size"
    title: ClassVar[str] = "what the migrations will write and how long they will block at production's row counts"
    options: ClassVar[type[Options]] = SizeOptions
    measures: ClassVar[dict[str, str]] = {
        "predicted seconds": "time of all operations at production's rows (s)",
        "predicted block": "time for which an operation keeps readers or writers from a table, per operation (s)",
        "predicted rows written": "rows that all operations write",
        "predicted wal bytes": "write-ahead log that all operations write (bytes)",
        "growing operations": "operations whose cost grows with a table whose rows were given",
    }

    def check(self, world: World, options: SizeOptions) -> None:
        """Raise ConfigurationError where nothing says how many rows production has, or of a table that is not there."""
        wanted = {**options.rows, **world.rows}
        if not wanted:
            raise ConfigurationError(
                "The probe 'size' does not know production's rows; give --rows TABLE=NUMBER, or the option 'rows' in "
                "rollout.toml."
            )
        if world.phase.migrations and world.server.engine == "postgresql":
            _check_names(wanted, _tables(world))

    def measure(self, world: World, options: SizeOptions) -> Evidence:
        """Rehearse twice and predict."""
        if not world.phase.migrations:
            return Evidence(probe=self.name, outcome="skipped", reason=f"phase {world.phase.number} has no migrations")
        if world.server.engine != "postgresql":
            return Evidence(probe=self.name, outcome="skipped", reason=f"{world.server.title} does not tell such facts")
        wanted = {**options.rows, **world.rows}
        full = self._rehearse(world, nothing=False)
        _check_names(wanted, sorted(full.tables))
        predictions = predict(self._rehearse(world, nothing=True), full, wanted)
        return _evidence(predictions)

    def _rehearse(self, world: World, *, nothing: bool) -> Rehearsal:
        words = "on no rows" if nothing else "on all rows"
        world.progress(self.name, f"rehearsing {words}", int(nothing), 2)
        copy = world.copy(world.before(), "nothing" if nothing else "everything")
        try:
            if nothing:
                empty(copy)
            return _observe(world, copy, words)
        finally:
            world.server.drop(copy)


def _observe(world: World, database: Database, words: str) -> Rehearsal:
    world.server.analyze(database)
    with world.agent(world.candidate, database) as agent:
        rehearsal = read(agent.call("observe", targets=world.phase.migrations, old_code=False))
    if rehearsal.failure:
        raise ProbeError(f"{rehearsal.failure.app}.{rehearsal.failure.migration} fails {words}; nothing is predicted.")
    return rehearsal


def _tables(world: World) -> list[str]:
    """Return the tables before the phase, none where it cannot be reached: measuring checks them once more."""
    try:
        with world.agent(world.baseline, world.before()) as agent:
            return sorted(agent.call("tables"))
    except ReleaseError:
        return []


def _check_names(wanted: Iterable[str], tables: list[str]) -> None:
    unknown = sorted(set(wanted) - set(tables)) if tables else []
    if unknown:
        raise ConfigurationError(
            f"--rows or the option 'rows' in rollout.toml names the table {unknown[0]!r}, which is not there before "
            f"the phase; its tables are {', '.join(tables)}."
        )


def _evidence(predictions: list[Prediction]) -> Evidence:
    growing = [each for each in predictions if each.table]
    blocks = [each for each in predictions if each.there.blocking > 0]
    longest = max(blocks, key=lambda each: each.there.blocking, default=None)
    seconds = sum(each.there.seconds for each in predictions)
    summary = f"{_time(seconds)} in all, {len(growing)} operations grow; "
    summary += f"longest block {_time(longest.there.blocking)}: {longest.about}" if longest else "none blocks"
    sums = {
        "predicted seconds": (seconds, "s"),
        "predicted rows written": (sum(each.there.rows_written for each in predictions), "rows"),
        "predicted wal bytes": (sum(each.there.wal_bytes for each in predictions), "bytes"),
        "growing operations": (len(growing), "operations"),
    }
    measured = [Measurement(name=name, value=round(value, 3), unit=unit) for name, (value, unit) in sums.items()]
    block = "predicted block"
    measured += [
        Measurement(name=block, value=round(each.there.blocking, 3), unit="s", about=each.about) for each in blocks
    ] or [Measurement(name=block, value=0, unit="s")]
    return Evidence(
        probe="size",
        outcome="measured",
        summary=summary,
        unsound=sorted({each.doubt for each in predictions if each.doubt}),
        measurements=measured,
        details={"tables": [_table(growing)]},
    )


def _table(growing: list[Prediction]) -> dict[str, Any]:
    columns = ["operation", "grows with", "rows here", "rows there", "written", "WAL MB", "seconds", "blocks (s)"]
    rows = [
        [
            each.about,
            each.table,
            each.rows,
            round(each.wanted),
            round(each.there.rows_written),
            round(each.there.wal_bytes / 1e6, 1),
            round(each.there.seconds, 2),
            round(each.there.blocking, 2),
        ]
        for each in growing
    ]
    return {"title": "Predicted at production's rows", "columns": columns, "rows": rows}


def _time(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
