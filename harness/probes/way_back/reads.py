"""Whether the release that one returns to understands the late writes: it loads the rows and shows what was written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import msgspec

from harness.databases import Database
from harness.errors import ConfigurationError, ProbeError
from harness.operations import Operation
from harness.probes.binding import Binder, Bound, bind, sessions_by
from harness.probes.way_back.late_writes import LateWrites
from harness.probes.way_back.names import Names
from harness.probes.world import World
from harness.rollout import Release

DRAWN = 5
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_CREATED = re.compile(r"\{\w+\}/?")


@dataclass
class Reads:
    """What the release that one returns to makes of the late writes.

    `shown` counts, by operation, the requests that the new release answers otherwise since the late writes; `differ`
    those of them to which the old release gives another answer. `unreadable` are rows by table, column and reason.
    """

    shown: dict[str, int] = field(default_factory=dict)
    differ: dict[str, int] = field(default_factory=dict)
    how: dict[str, str] = field(default_factory=dict)
    read: int = 0
    unreadable: list[dict[str, Any]] = field(default_factory=list)


def read_late(world: World, after: Database, late: LateWrites, back: Database, names: Names) -> Reads:
    """Ask both releases for what was written, and let the models of the old one load the rows."""
    old, new = world.returns_to, world.candidate
    reads = Reads()
    requests = _requests(world, old, late)
    without = _ask(world, new, after, requests)
    shown = _ask(world, new, late.database, requests)
    answers = _ask(world, old, back, requests)
    for bound, empty, now, then in zip(requests, without, shown, answers, strict=True):
        if now["status"] in bound.expect and now["sha256"] != empty["sha256"]:
            _compare(reads, bound.operation, now, then, old)
    _load(world, old, late, back, names, reads)
    return reads


def _compare(reads: Reads, name: str, now: dict[str, Any], then: dict[str, Any], old: Release) -> None:
    reads.shown[name] = reads.shown.get(name, 0) + 1
    same = (now["status"], now["unordered"]) == (then["status"], then["unordered"])
    reads.differ[name] = reads.differ.get(name, 0) + (not same)
    if not same:
        raised = f" ({then['exception']})" if then["exception"] else ""
        what = f"answers {then['status']}{raised}" if then["status"] != now["status"] else "shows something else"
        reads.how.setdefault(name, f"release {old.name!r} {what}")


def _ask(world: World, release: Release, database: Database, requests: list[Bound]) -> list[dict[str, Any]]:
    if not requests:
        return []
    with world.agent(release, database) as agent:
        sent = [each.as_request() for each in requests]
        progress = world.progress_of("way back", f"{release.name}:")
        answers: list[dict[str, Any]] = agent.call(
            "request", requests=sent, capture=False, rollback=True, progress=progress
        )
    return answers


def _requests(world: World, old: Release, late: LateWrites) -> list[Bound]:
    """Bind every read that both releases have: to what the late writes touched and made, and to popular rows."""
    shared = [each for each in world.catalog.of(old.name) if each in world.catalog.of(world.candidate.name)]
    reading = [each for each in shared if not each.writes]
    found: dict[tuple[str, str], Bound] = {}
    with (
        world.agent(world.candidate, late.database) as agent,
        bind(world.catalog, late.database, open_sessions=sessions_by(agent)) as binder,
    ):
        for operation in reading:
            for bound in [*_read_back(world, operation, late, binder), *_drawn(operation, binder)]:
                found.setdefault((bound.path, msgspec.json.encode(bound.headers).decode()), bound)
    return list(found.values())


def _drawn(operation: Operation, binder: Binder) -> list[Bound]:
    try:
        return binder.draw(operation, DRAWN)
    except (ProbeError, ConfigurationError):
        return []  # `try_operations` says what finds no data


def _read_back(world: World, operation: Operation, late: LateWrites, binder: Binder) -> list[Bound]:
    """Bind a read to the rows of the requests that wrote, and to what they created: POST /books/ made /books/{id}/."""
    wanted = set(_PLACEHOLDER.findall(operation.path))
    found = []
    for write, created in late.sent:
        values = dict(write.values)
        template = world.catalog.find(write.operation).path
        if created is not None and operation.path.startswith(template):
            rest = operation.path.removeprefix(template)
            if _CREATED.fullmatch(rest):
                values[_PLACEHOLDER.findall(rest)[0]] = created
        if wanted and wanted <= set(values):
            found.append(_bind(world, operation, write, values, binder))
    return found


def _bind(world: World, operation: Operation, write: Bound, values: dict[str, Any], binder: Binder) -> Bound:
    """Send it as the person who wrote, where the read is for such people, else as the most active who may."""
    headers = write.headers
    if world.catalog.find(write.operation).actor != operation.actor:
        headers = next(iter(binder.headers(world.catalog.find_actor(operation.actor), 1)), {})
    path = _PLACEHOLDER.sub(lambda match: str(values[match[1]]), operation.path)
    return Bound(operation.name, operation.method, path, headers, None, operation.expect, values)


def _load(world: World, old: Release, late: LateWrites, back: Database, names: Names, reads: Reads) -> None:
    keys = {
        names.before(table): [key[0] for key in each if len(key) == 1]
        for table, each in late.keys.items()
        if names.knows(table)
    }
    with world.agent(old, back) as agent:
        answer = agent.call("read_rows", keys=keys)
    reads.read, reads.unreadable = answer["read"], answer["failures"]
