"""Every request with full resolution: nothing is rounded, nothing is put into buckets."""

from __future__ import annotations

import json
from array import array
from pathlib import Path
from typing import Any


class Recorder:
    """Keeps what happened to each arrival, in columns (a few bytes for each).

    `late` is how long a request waited for a free user after it was due: with it, a stalled server counts against every
    request that was due meanwhile, not only against those that were sent.
    """

    def __init__(self) -> None:
        self._names: dict[str, int] = {}
        self._operation = array("H")
        self._due = array("d")
        self._late = array("d")
        self._service = array("d")
        self._status = array("H")
        self._ok = array("B")
        self.under_way = 0
        self.errors = 0

    def __len__(self) -> int:
        return len(self._due)

    def record(self, operation: str, due: float, started: float, finished: float, status: int, ok: bool) -> None:
        """Keep one answer; times in seconds after the start, status 0 where there was no answer."""
        self._operation.append(self._names.setdefault(operation, len(self._names)))
        self._due.append(due)
        self._late.append(max(0.0, started - due))
        self._service.append(finished - started)
        self._status.append(status)
        self._ok.append(ok)
        self.errors += not ok

    def write(self, path: Path, **more: Any) -> None:
        """Write the columns and `more` as JSON; a half-written file is never seen under that name."""
        columns: dict[str, array[int] | array[float]] = {
            "operation": self._operation,
            "due": self._due,
            "late": self._late,
            "service": self._service,
            "status": self._status,
            "ok": self._ok,
        }
        found = {"operations": list(self._names), "columns": {name: list(column) for name, column in columns.items()}}
        draft = path.with_suffix(".part")
        draft.write_text(json.dumps({**more, **found, "unanswered": self.under_way}), encoding="utf-8")
        draft.replace(path)
