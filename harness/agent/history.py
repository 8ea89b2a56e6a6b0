"""Rehearses the migrations of a project one after the other, each as a release of its own, there and back.

The states of the project stay in memory between the calls; the harness copies the database in between, so that going
back and trying things out never touches the line that goes forward.
"""

from __future__ import annotations

from typing import Any

from harness.agent.protocol import Failed, Report, procedure
from harness.agent.steps import Steps

_OPEN: list[Steps] = []


@procedure
def open_history(report: Report) -> dict[str, Any]:
    """Plan the migrations that the database has not had; every other alias of the project is pointed at the same one.

    Returns {"migrations": [{"app", "migration", "file", "own"}]} in the order of the plan, "replaced" (by each squashed
    migration the names that it stands for), and "database".
    """
    report("planning", 0, 0)
    history = Steps()
    _OPEN[:] = [history]
    return history.describe()


@procedure
def pass_over(report: Report, position: int) -> dict[str, Any]:
    """Apply the migrations up to `position` plainly; returns {"failure"} with null or what broke off."""
    return {"failure": _history().pass_over(report, position)}


@procedure
def prepare(report: Report, rows: int, also: list[str], without: list[str] | None = None) -> dict[str, Any]:
    """Fill the tables of the project's own apps, and of those of `also`, through the models of now.

    The tables of `without` stay as they are, and with them those whose rows need a row there. Returns {"filled": rows
    by table}.
    """
    report("filling", 0, 0)
    return {"filled": _history().fill(rows, set(also), set(without or ()))}


@procedure
def replay(report: Report, database: str) -> dict[str, Any]:
    """Apply plainly what came before the last step on a database without sample rows, and turn to it.

    The first time it has to be empty, later it is the same one. Returns {"failure"} with null or what broke off.
    """
    return {"failure": _history().replay(report, database)}


@procedure
def turn_to(report: Report, database: str) -> None:
    """Go on with the last step, as if it had not been tried, on a copy of the replayed database."""
    report("once more", 0, 0)
    _history().turn_to(database)


@procedure
def step_forward(report: Report) -> dict[str, Any]:
    """Apply the next migration and observe it; a failure is returned, not raised: the history goes on without it."""
    history = _history()
    report(history.name(), history.position, len(history.plan))
    return history.forward()


@procedure
def is_next_silent(report: Report) -> bool:
    """Tell whether the next migration runs no SQL, there and back: then copies of the database show nothing."""
    report("looking ahead", 0, 0)
    return _history().is_next_silent()


@procedure
def examine(report: Report, before: str, old_code: bool = True) -> dict[str, Any]:
    """Try old code on the database after the last step, and look for drift; `before` is a copy from before it.

    It is "" where the step ran no SQL: then old code can what it could.
    """
    report("old code", 0, 0)
    return _history().examine(before, old_code=old_code)


@procedure
def step_back(report: Report, before: str, after: str, late_writes: int) -> dict[str, Any]:
    """Unapply the last migration on the database `after`, observed, with late writes; compare with `before`.

    Both are "" where the step ran no SQL: it is taken back, and then it counts as applied again, where it is.
    """
    report("way back", 0, 0)
    return _history().back(before, after, late_writes) if after else _history().back_silently()


@procedure
def finish_history(report: Report) -> dict[str, Any]:
    """Check the end of it: apps whose models have changed without a migration, and what remains of drift and others."""
    report("models", 0, 0)
    return {"unmigrated": _history().unmigrated(), **_history().remaining()}


def _history() -> Steps:
    if not _OPEN:
        raise Failed("There is no open history; open_history comes first.")
    return _OPEN[0]
