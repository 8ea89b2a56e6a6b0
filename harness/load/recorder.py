"""Every request with full resolution: nothing is rounded, nothing is put into buckets."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from harness.probes.load.results import UNKNOWN, Answer, Columns, answers_of

KINDS = {
    "operation": "H",
    "due": "d",
    "late": "f",
    "service": "d",
    "status": "H",
    "ok": "B",
    "scheduled": "B",
    "queries": "i",
    "database": "f",
    "cpu": "f",
}


class Cost(NamedTuple):
    """What the server said in `Harness-Meter`."""

    queries: int = UNKNOWN
    database: float = UNKNOWN
    cpu: float = UNKNOWN
    build: str = ""

    @classmethod
    def read(cls, header: str | list[str] | None) -> Cost:
        """Read the header of an answer; another server than one that the harness started sends none."""
        if not isinstance(header, str):
            return SILENT
        words = header.split(" ", 3)
        try:
            return cls(int(words[0]), float(words[1]), float(words[2]), words[3])
        except (ValueError, IndexError):
            return SILENT


SILENT = Cost()


class Recorder:
    """Keeps what happened to each request, in columns (47 bytes each).

    `late` is how long a request waited for a free user after it was due: with it, a stalled server counts against every
    request that was due meanwhile, not only against those that were sent.
    """

    def __init__(self) -> None:
        self.names: dict[str, int] = {}
        self.builds: Counter[str] = Counter()
        self.used_up: Counter[str] = Counter()
        self.under_way = 0
        self.errors = 0
        self.unanswered = 0
        self._columns: dict[str, array[Any]] = {name: array(kind) for name, kind in KINDS.items()}
        self._appends = [column.append for column in self._columns.values()]
        self._taken = 0

    def __len__(self) -> int:
        return len(self._columns["due"])

    def record(
        self,
        operation: str,
        due: float,
        started: float,
        finished: float,
        status: int,
        ok: bool,
        *,
        scheduled: bool = True,
        cost: Cost | None = None,
    ) -> None:
        """Keep one answer; times in seconds after the start, status 0 where there was no answer."""
        queries, database, cpu, build = cost or SILENT
        late = started - due
        row = (
            self.names.setdefault(operation, len(self.names)),
            due,
            late if late > 0 else 0.0,
            finished - started,
            status,
            ok,
            scheduled,
            queries,
            database,
            cpu,
        )
        for append, value in zip(self._appends, row, strict=True):
            append(value)
        self.errors += not ok
        if status:
            self.builds[build] += 1
        else:
            self.unanswered += 1

    def take(self) -> dict[str, Any]:
        """Return what came since the last call, for the master."""
        rows = {name: column[self._taken :].tobytes() for name, column in self._columns.items()}
        self._taken = len(self)
        builds, self.builds = self.builds, Counter()
        used_up, self.used_up = self.used_up, Counter()
        return {"rows": rows, "names": list(self.names), "builds": dict(builds), "used_up": dict(used_up)}

    def extend(self, taken: dict[str, Any]) -> None:
        """Add what a worker took: the columns of all workers make one whole."""
        renumbered = [self.names.setdefault(name, len(self.names)) for name in taken["names"]]
        for name, column in self._columns.items():
            new = array(KINDS[name])
            new.frombytes(taken["rows"][name])
            column.extend(array("H", [renumbered[number] for number in new]) if name == "operation" else new)
            if name == "ok":
                self.errors += len(new) - sum(new)
            if name == "status":
                self.unanswered += sum(not status for status in new)
        self.builds.update(taken["builds"])
        self.used_up.update(taken["used_up"])

    def columns(self, first: int = 0) -> Columns:
        """Return all columns, from the answer with the number `first` on."""
        return Columns(**{name: column[first:].tolist() for name, column in self._columns.items()})

    def since(self, first: int) -> Iterator[Answer]:
        """Return the answers from number `first` on."""
        return answers_of(list(self.names), self.columns(first))
