"""What went wrong under load, as findings: one cause is one finding, not one for each operation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from harness.evidence import Finding
from harness.probes.load.figures import Figures
from harness.probes.load.plan import ANYBODY, Plan

REFUSED = frozenset((401, 403))
REDIRECTED = frozenset((301, 302, 303, 307, 308))


def failures(figures: Figures, plan: Plan) -> list[Finding]:
    """Return the findings: of everybody, where every request failed alike; of an actor; else of single operations."""
    counts = figures.failures()
    statuses = {status for _, status in counts}
    failed = counts.total()
    if len(statuses) == 1 and failed == len(figures.all) and statuses.isdisjoint(REFUSED):
        [status] = statuses
        return [_of_all(status, failed)]
    shut_out = dict(_shut_out(figures, plan))
    actors = {each.name: each.actor for each in plan.operations}
    found = [_of_actor(actor, *what) for actor, what in sorted(shut_out.items())]
    for (operation, status), count in sorted(counts.items()):
        if actors.get(operation) not in shut_out:
            found.append(_of_operation(operation, status, count))
    return found


def _shut_out(figures: Figures, plan: Plan) -> Iterator[tuple[str, tuple[list[int], int]]]:
    """Yield the actors of whom every request was refused or redirected, with the statuses and how many there were."""
    for actor in {each.actor for each in plan.operations}:
        own = {each.name for each in plan.operations if each.actor == actor}
        answers = [each for each in figures.all if each.operation in own]
        statuses = {each.status for each in answers}
        failed = not any(each.ok for each in answers)
        if answers and failed and (statuses <= REFUSED or statuses <= REDIRECTED):
            yield actor, (sorted(statuses), len(answers))


def _of_all(status: int, count: int) -> Finding:
    why = f"every request was answered {status}" if status else "no request was answered"
    remedy = "look at one by hand, and at the log of the server"
    if status in REDIRECTED:
        why = f"every request was redirected ({status}), and redirects are not followed"
        remedy = "name the address that it leads to with --host, or log people in: it may be a login page"
    if not status:
        remedy = "what listens there closes the connection or is silent: is it the platform, or https:// instead?"
    if status in (502, 503, 504):
        remedy = "what answers is a proxy or a busy server: look whether the platform behind it runs"
    return _finding(_code(status), "", why, f"{remedy[0].upper()}{remedy[1:]}; it was so {count} times.")


def _of_actor(actor: str, statuses: list[int], count: int) -> Finding:
    said = " or ".join(map(str, statuses))
    verb = "redirected" if set(statuses) <= REDIRECTED else "refused"
    if actor == ANYBODY:
        why = f"every request without an actor was {verb} ({said}): the platform wants to know who asks"
        remedy = f"Name an actor for these operations in operations.toml; it was so {count} times."
    else:
        why = f"every request of {actor!r} was {verb} ({said}): the platform does not accept the credentials"
        remedy = (
            f"Look at 'draw', 'headers' and 'session' of actor {actor!r} in operations.toml; where they are right, the "
            f"release refuses what it should accept; it was so {count} times."
        )
    return _finding("shut-out", actor, why, remedy)


def _of_operation(operation: str, status: int, count: int) -> Finding:
    said = f"answered {status}" if status else "did not answer"
    remedy = f"Look for it in the log of the server; it happened {count} times in this run."
    return _finding(_code(status), operation, f"{operation!r} {said} under load", remedy)


def _code(status: int) -> str:
    return "server-error" if status >= 500 else "unexpected-status" if status else "no-answer"


def _finding(code: str, about: str, why: str, remedy: str) -> Finding:
    return Finding(code=code, severity="high", about=about, why=why, remedy=remedy)


def statuses_in_words(statuses: Iterable[int]) -> str:
    """Say that every request failed, and how."""
    told = [f"status {each}" if each else "no answer" for each in sorted(set(statuses))]
    return "nothing answers" if told == ["no answer"] else f"every request failed ({', '.join(told)})"
