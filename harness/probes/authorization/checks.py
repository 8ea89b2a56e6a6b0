"""What is checked: an operation as an actor, or with somebody else's object, and what must come of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from harness.operations import Actor, Operation
from harness.probes.cast import OTHERS, Case, Cast, Sender, absent, placeholders
from harness.probes.filling import PLACEHOLDER, Row

REFUSALS = (401, 403, 404)
HIDDEN = 404

Expected = Literal["served", "refused", "hidden"]


@dataclass(frozen=True)
class Check:
    """One request with what it must come to; `absent` are the same requests about objects that do not exist.

    `others` tells the check with another person of the same actor from the one with the actor itself.
    """

    case: Case
    expected: Expected
    others: bool = False
    absent: list[Case] = field(default_factory=list)

    @property
    def cases(self) -> list[Case]:
        """All requests of the check."""
        return [self.case, *self.absent]


def may(operation: Operation, actor: Actor) -> bool:
    """Tell whether an actor may do it: those in `allow`, or every declared one; the anonymous one only if it is his."""
    if not actor.name:
        return not operation.actor
    return not operation.allow or actor.name in operation.allow


def others_get(cast: Cast, operation: Operation) -> Expected:
    """Say what another person of the same actor must get."""
    default: Expected = "refused" if cast.names_an_object_of_a_person(operation) else "served"
    return operation.others or default


def checks(cast: Cast, operation: Operation) -> Iterator[Check]:
    """Yield the checks of one operation; raises LookupError, with a reason, where there is nothing to check with."""
    owner = cast.owner(operation)
    if owner is None:
        raise LookupError("the draw finds no row for any person of its actor")
    for actor in cast.actors():
        for sender in [owner] if actor == owner.actor else cast.senders(actor):
            yield _as_actor(cast, operation, sender)
    yield from _with_others(cast, operation, owner)


def _as_actor(cast: Cast, operation: Operation, sender: Sender) -> Check:
    values = cast.values(operation, sender)
    if values is None:
        raise LookupError(f"there is no object to ask for as {sender.name}")
    expected: Expected = "served" if may(operation, sender.actor) else "refused"
    case = cast.case(operation, sender, f"as {sender.name}", values)
    hides = expected == "refused" and others_get(cast, operation) == "hidden"
    return Check(case, expected, absent=_absent(cast, operation, sender, values) if hides else [])


def _with_others(cast: Cast, operation: Operation, owner: Sender) -> Iterator[Check]:
    """Yield the check with an object of another person of the same actor, where there is something to expect."""
    expected = others_get(cast, operation)
    if not may(operation, owner.actor) or (expected == "served" and not operation.others):
        return
    values = cast.of_another(operation, owner)
    if values is None:
        raise LookupError(f"nobody but one {owner.name} has an object that others must not get")
    case = cast.case(operation, owner, OTHERS, values)
    hides = expected == "hidden"
    yield Check(case, expected, others=True, absent=_absent(cast, operation, owner, values) if hides else [])


def _absent(cast: Cast, operation: Operation, sender: Sender, values: Row) -> list[Case]:
    """Return two requests about objects that do not exist: what differs between them is no sign of existence."""
    names = set(PLACEHOLDER.findall(operation.path)) & placeholders(operation)
    return [
        cast.case(
            operation, sender, "absent object", {**values, **{name: absent(values[name], number) for name in names}}
        )
        for number in (1, 2)
    ]


def is_refused(answer: dict[str, Any]) -> bool:
    """Tell whether an answer refuses."""
    return answer["status"] in REFUSALS
