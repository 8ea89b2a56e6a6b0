"""Rehearses a project's migrations from an empty database, each that is asked for as a release of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from harness.databases import Database, Server
from harness.errors import AgentError, ConfigurationError, ReleaseError
from harness.probes.migrations.facts import (
    CatalogRule,
    Change,
    Drift,
    Failure,
    LeftBehind,
    Migration,
    OldCode,
    Rehearsal,
    Rehearsed,
    RoundTrip,
    with_lines,
)
from harness.releases import Agent

ROWS = 200
LATE_ROWS = 6
_NAME = re.compile(r"[A-Za-z_]\w*")
Progress = Callable[[str, float, float], None]


class Listed(msgspec.Struct, frozen=True):
    """A migration of the plan; `own` tells that its app is the project's, not an installed package."""

    app: str
    migration: str
    file: str
    own: bool

    @property
    def name(self) -> str:
        """Its name with the app's label."""
        return f"{self.app}.{self.migration}"


class Plan(msgspec.Struct, frozen=True):
    """All migrations in the order in which they run; `replaced` are those that a squashed one stands for."""

    database: dict[str, str]
    migrations: list[Listed]
    replaced: dict[str, list[str]] = {}


class History:
    """The history of one project on a server: a line of migrations that only goes forward, with copies to try things.

    `old_code` false leaves out the tries of old code, `way_back` false going back.
    """

    def __init__(
        self, server: Server, database: Database, agent: Agent, progress: Progress, *, old_code: bool, way_back: bool
    ) -> None:
        self._server = server
        self._database = database
        self._agent = agent
        self._progress = progress
        self._old_code = old_code
        self._way_back = way_back
        self.failed: Failure | None = None
        self.unmigrated: list[str] = []
        self._apps: list[str] = []
        self._filled = False
        self._bare: Database | None = None
        self.plan = msgspec.convert(agent.call("open_history"), Plan)

    def rehearse(self, chosen: Sequence[Listed]) -> list[Rehearsed]:
        """Rehearse the chosen migrations of the plan; `failed` says where a migration that was not chosen broke off."""
        wanted = {each.name for each in chosen}
        self._apps = sorted({each.app for each in chosen})
        found: list[Rehearsed] = []
        for position, listed in enumerate(self.plan.migrations):
            if listed.name not in wanted:
                continue
            self.failed = self._pass_over(position)
            if self.failed:
                return found
            rehearsed = self._step(listed, position)
            found += [rehearsed] if rehearsed else []
        end = self._agent.call("finish_history")
        self.unmigrated = end["unmigrated"]
        drift, catalog = msgspec.convert(end["drift"], list[Drift]), msgspec.convert(end["catalog"], list[CatalogRule])
        behind = msgspec.convert(end["left_behind"], list[LeftBehind])
        return [_remaining(each, drift, catalog, behind) for each in found]

    def _pass_over(self, position: int) -> Failure | None:
        """Apply what was not chosen; where sample rows of earlier steps stand in the way, without them."""
        passed = self._agent.call("pass_over", position=position, progress=self._progress)
        while passed["failure"] and self._filled and self._without_rows():
            passed = self._agent.call("pass_over", position=position, progress=self._progress)
        return msgspec.convert(passed["failure"], Failure | None)

    def _step(self, listed: Listed, position: int) -> Rehearsed | None:
        self._progress(listed.name, position, len(self.plan.migrations))
        rehearsed, failure = self._try_step(listed, [])
        if failure is None or not self._filled:
            return rehearsed
        first, tables = failure, rehearsed.forward.tables if rehearsed else {}
        left_out: list[str] = []
        for rows in (ROWS, ROWS, 0):
            left_out += _fault(failure, rehearsed)
            if not self._without_rows():
                break
            rehearsed, failed = self._try_step(listed, left_out, rows)
            if rehearsed and not failed:
                # How many rows the tables had is told by the first try: facts about locks do not depend on it.
                forward = msgspec.structs.replace(rehearsed.forward, tables={**rehearsed.forward.tables, **tables})
                return msgspec.structs.replace(rehearsed, forward=forward, refused_rows=first)
            failure = failed or failure
        return rehearsed

    def _try_step(
        self, listed: Listed, left_out: list[str], rows: int = ROWS
    ) -> tuple[Rehearsed | None, Failure | None]:
        """Rehearse the next migration with sample rows, but in the tables of `left_out`; return what failed too."""
        if self._agent.call("is_next_silent"):
            return self._step_silently(listed)
        filled = self._agent.call("prepare", rows=rows, also=self._apps, without=left_out)["filled"]
        self._filled |= any(filled.values())
        before = self._server.copy(self._database, "before")
        try:
            result = self._forward(listed)
            if result["skipped"]:
                return None, None
            examined: dict[str, Any] = {}
            if not result["failure"]:
                examined = self._agent.call("examine", before=before.name, old_code=self._old_code)
            rehearsed = self._read(result, examined)
            if result["failure"]:
                return rehearsed, rehearsed.forward.failure
            trip = self._back(before) if self._way_back else None
            return msgspec.structs.replace(rehearsed, round_trip=trip), None
        finally:
            self._server.drop(before)

    def _step_silently(self, listed: Listed) -> tuple[Rehearsed | None, Failure | None]:
        """Rehearse a migration that runs no SQL: the database stays as it is, so that copies and rows show nothing."""
        result = self._forward(listed)
        if result["skipped"]:
            return None, None
        if result["failure"]:
            rehearsed = self._read(result, {})
            return rehearsed, rehearsed.forward.failure
        rehearsed = self._read(result, self._agent.call("examine", before="", old_code=self._old_code))
        if self._way_back:
            back = self._agent.call("step_back", before="", after="", late_writes=0)
            rehearsed = msgspec.structs.replace(rehearsed, round_trip=_round_trip(back))
        return rehearsed, None

    def _forward(self, listed: Listed) -> Any:
        """Apply the next migration; raises ConfigurationError where that ends the project's process."""
        try:
            return self._agent.call("step_forward")
        except AgentError:
            raise
        except ReleaseError as error:
            said = str(error).rpartition(": ")[2]
            raise ConfigurationError(
                f"{listed.name} ends the process that migrates; its last words are: {said}"
            ) from None

    def _without_rows(self) -> bool:
        """Go back to before the last step, on a line that has no rows but those of the migrations themselves."""
        self._bare = self._bare or self._server.create("bare")
        if self._agent.call("replay", database=self._bare.name, progress=self._progress)["failure"]:
            return False
        line, self._database = self._database, self._server.copy(self._bare, "history")
        self._server.drop(line)
        self._filled = False
        self._agent.call("turn_to", database=self._database.name)
        return True

    def _read(self, result: dict[str, Any], examined: dict[str, Any]) -> Rehearsed:
        migration = with_lines(msgspec.convert({**result["record"], "failure": None}, Migration))
        old_code = examined.get("old_code")
        if old_code is not None:
            migration = msgspec.structs.replace(migration, old_code=msgspec.convert(old_code, OldCode))
        failure = _failure(result["failure"], migration)
        rehearsal = Rehearsal(
            direction="forward",
            database=self.plan.database,
            tables=result["tables"],
            migrations=[msgspec.structs.replace(migration, failure=failure)],
            failure=failure,
        )
        return Rehearsed(
            forward=rehearsal,
            drift=msgspec.convert(examined.get("drift", []), list[Drift]),
            catalog=msgspec.convert(result["catalog"], list[CatalogRule]),
            elsewhere=result["elsewhere"],
        )

    def _back(self, before: Database) -> RoundTrip:
        """Go back with late writes; where they stand in the way, once more without, to see what it does otherwise."""
        first = self._unapply(before, LATE_ROWS)
        if not first["failure"] or first["failure"]["irreversible"] or not first["late_rows"]:
            return _round_trip(first)
        again = _round_trip(self._unapply(before, 0))
        if again.backward.failure:
            return again
        refused = _failure(first["failure"], again.backward)
        return msgspec.structs.replace(again, refused=refused, late_rows=first["late_rows"])

    def _unapply(self, before: Database, late_writes: int) -> dict[str, Any]:
        after = self._server.copy(self._database, "after")
        try:
            result: dict[str, Any] = self._agent.call(
                "step_back", before=before.name, after=after.name, late_writes=late_writes
            )
            return result
        finally:
            self._server.drop(after)


def _fault(failure: Failure, rehearsed: Rehearsed | None) -> list[str]:
    """Return the words that may name the tables at fault: of the statement that failed, else of its operation's."""
    steps = rehearsed.migration.operations if rehearsed else []
    ran = [each.sql for step in steps if step.index == failure.index and step.facts for each in step.facts.statements]
    return sorted(set(_NAME.findall(failure.statement or " ".join(ran))))


def _remaining(
    rehearsed: Rehearsed, drift: list[Drift], catalog: list[CatalogRule], behind: list[LeftBehind]
) -> Rehearsed:
    """Leave out what a later migration has mended, because they reach users together; add what a move left behind.

    The line on which a migration failed may be gone; what it left behind is not mended by that.
    """
    name = rehearsed.migration.name
    failure = rehearsed.forward.failure
    kept = failure.invalid_indexes if failure else []
    return msgspec.structs.replace(
        rehearsed,
        drift=[each for each in rehearsed.drift if each in drift],
        catalog=[each for each in rehearsed.catalog if each in catalog or each.name in kept],
        left_behind=[each for each in behind if f"{each.app}.{each.migration}" == name],
    )


def _round_trip(result: dict[str, Any]) -> RoundTrip:
    backward = with_lines(msgspec.convert({**result["record"], "failure": None}, Migration))
    backward = msgspec.structs.replace(backward, failure=_failure(result["failure"], backward))
    return RoundTrip(
        backward=backward,
        late_rows=result["late_rows"],
        changes=msgspec.convert(result["changes"], list[Change]),
        late_changes=msgspec.convert(result["late_changes"], list[Change]),
        new_code=msgspec.convert(result["new_code"], OldCode | None),
    )


def _failure(raw: dict[str, Any] | None, migration: Migration) -> Failure | None:
    if raw is None:
        return None
    failure = msgspec.convert(raw, Failure)
    lines = {step.index: step.line for step in migration.operations}
    end = max(lines.values(), default=0)
    return msgspec.structs.replace(failure, line=end if failure.index is None else lines.get(failure.index, 0))
