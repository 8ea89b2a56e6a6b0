"""What the load generator wrote: every request with full resolution, in columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

UNKNOWN = -1


class Columns(msgspec.Struct, frozen=True, kw_only=True):
    """The recorded answers, one entry each in every column.

    `due`, `late` and `service` are seconds, `due` after the start; `scheduled` says that it fell due by a rate.
    `queries`, `database` and `cpu` (ms) are the server's own word in `Harness-Meter`, -1 where it said none.
    """

    operation: list[int]
    due: list[float]
    late: list[float]
    service: list[float]
    status: list[int]
    ok: list[int]
    scheduled: list[int] = []
    queries: list[int] = []
    database: list[float] = []
    cpu: list[float] = []


class Answer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One answer; `seconds` counts from when the request was due."""

    operation: str
    due: float
    sent: float
    seconds: float
    status: int
    ok: bool
    scheduled: bool = True
    queries: int = UNKNOWN
    database: float = UNKNOWN
    cpu: float = UNKNOWN


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """What the load generator wrote.

    While it measured, `generator_cpu` was the share of one core of its busiest process, `machine_cpu` the share of all
    cores that worked. `builds` counts who answered, `used_up` the requests that found no row any more; `workers` are
    the worker processes at the beginning and `lost` those that fell silent. `stopped` says why it ended early,
    `began` when it began (seconds since 1970); `profile` is its name, "" for none, and `people` are the classes of
    users that were chosen.
    """

    warmup: float
    seconds: float
    ended: float
    generator_cpu: float
    machine_cpu: float
    operations: list[str]
    columns: Columns
    unanswered: int = 0
    builds: dict[str, int] = {}
    used_up: dict[str, int] = {}
    workers: int = 0
    lost: list[str] = []
    stopped: str = ""
    began: float = 0.0
    profile: str = ""
    people: list[str] = []

    def answers(self) -> Iterator[Answer]:
        """Return all answers, those of the warm-up too."""
        return answers_of(self.operations, self.columns)


def answers_of(operations: Sequence[str], table: Columns) -> Iterator[Answer]:
    """Return the answers of a table; `operations` are the names of its numbers."""
    for index, due in enumerate(table.due):
        yield Answer(
            operation=operations[table.operation[index]],
            due=due,
            sent=due + table.late[index],
            seconds=table.late[index] + table.service[index],
            status=table.status[index],
            ok=bool(table.ok[index]),
            scheduled=bool(_at(table.scheduled, index, 1)),
            queries=int(_at(table.queries, index, UNKNOWN)),
            database=_at(table.database, index, UNKNOWN),
            cpu=_at(table.cpu, index, UNKNOWN),
        )


def _at(column: list[int] | list[float], index: int, default: float) -> float:
    return column[index] if index < len(column) else default
