"""The late writes: rows that the new release writes after the phase, and that a way back must not lose."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from harness.databases import Database
from harness.databases.fingerprint import Fingerprint, take_fingerprint
from harness.databases.reader import Key
from harness.databases.row_changes import find_row_changes
from harness.errors import AgentError, ConfigurationError, ProbeError
from harness.probes.binding import Bound, bind
from harness.probes.world import World
from harness.releases import Agent

REQUESTS_PER_OPERATION = 3
_REFUSED = 400  # an operation that expects to be refused writes nothing


@dataclass
class LateWrites:
    """A database with late writes in it.

    `keys` are the rows that were written, changed or deleted, by table; `sent` the requests that succeeded, each with
    the key of what it created, else None; `problems` what could not be tried.
    """

    fingerprint: Fingerprint
    keys: dict[str, set[Key]]
    requests: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    sent: list[tuple[Bound, Any]] = field(default_factory=list)

    @property
    def database(self) -> Database:
        """Where they are."""
        return self.fingerprint.database


def write_late(world: World, before: Fingerprint, after: Fingerprint, per_model: int) -> LateWrites:
    """Let the new release write on a copy of the migrated database: rows at the boundaries of its models, and requests.

    Raises ProbeError when nothing could be written: a way back without late writes proves nothing.
    """
    database = world.copy(after.database, "late")
    problems: list[str] = []
    sent: list[tuple[Bound, Any]] = []
    with world.agent(world.candidate, database) as agent:
        _write_rows(agent, per_model, problems)
        requests = _send_requests(world, agent, database, problems, sent)
    fingerprint = take_fingerprint(database, like=before.schema)
    keys = find_keys(after, fingerprint)
    if not any(keys.values()):
        said = f": {'; '.join(problems)}" if problems else ""
        raise ProbeError(f"The release {world.candidate.name!r} could not write any late rows{said}.")
    return LateWrites(fingerprint, keys, requests, problems, sent)


def find_keys(first: Fingerprint, second: Fingerprint) -> dict[str, set[Key]]:
    """Return the keys of all rows that differ between two databases, by table."""
    shared = [table for table in first.sums if table in second.sums]
    found = {table: {change.key for change in find_row_changes(first, second, table)} for table in shared}
    return {table: keys for table, keys in found.items() if keys}


def _write_rows(agent: Agent, per_model: int, problems: list[str]) -> None:
    try:
        result = agent.call("write_rows", per_model=per_model)
    except AgentError as error:
        problems.append(f"no boundary rows were written: {error}")
        return
    problems += [f"{row['table']}: {row['reason']}" for row in result["refused"] if row["case"] == "any row"]


def _send_requests(
    world: World, agent: Agent, database: Database, problems: list[str], sent: list[tuple[Bound, Any]]
) -> dict[str, int]:
    """Send the requests that write; each operation is bound to what the ones before it left."""
    done: dict[str, int] = {}
    operations = world.catalog.of(world.candidate.name)
    writing = [each for each in operations if each.writes and min(each.expect, default=0) < _REFUSED]

    def open_sessions(users: list[Any]) -> list[str]:
        cookies: list[str] = agent.call("open_sessions", users=users)
        return cookies

    for operation in writing:
        try:
            with bind(world.catalog, database, open_sessions=open_sessions) as binder:
                drawn = binder.draw(operation, REQUESTS_PER_OPERATION)
            requests = [bound.as_request() for bound in drawn]
            answers = agent.call("request", requests=requests, capture=False, rollback=False)
        except (AgentError, ProbeError, ConfigurationError) as error:
            problems.append(f"operation {operation.name!r} was not tried: {error}")
            continue
        pairs = zip(drawn, answers, strict=True)
        accepted = [(bound, answer["created"]) for bound, answer in pairs if answer["status"] in operation.expect]
        sent += accepted
        done[operation.name] = len(accepted)
        failed = [answer["status"] for answer in answers if answer["status"] not in operation.expect]
        if failed:
            share = f"{len(failed)} of {len(answers)} requests"
            problems.append(f"operation {operation.name!r} answered {failed[0]} in {share}")
    return done
