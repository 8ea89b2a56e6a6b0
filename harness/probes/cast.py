"""Who sends an operation, and about whose object: every actor with own objects and with those of somebody else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from uuid import UUID

import msgspec

from harness.databases.schema import Schema
from harness.operations import ANONYMOUS, Actor, Catalog, Operation
from harness.probes.binding import Binder
from harness.probes.filling import PLACEHOLDER, Row
from harness.releases import Agent

OWN = "own object"
OTHERS = "somebody else's object"
ANY = "drawn object"
PLAIN = "plain request"
_TRIES = 200
_ABSENT = 2_000_000_000


@dataclass(frozen=True)
class Sender:
    """One person of an actor; the data of the person is in no representation."""

    actor: Actor
    person: Row = field(repr=False)

    @property
    def name(self) -> str:
        """The name of the actor."""
        return self.actor.name or ANONYMOUS


@dataclass(frozen=True)
class Case:
    """One request of a sender; `name` says what is special about it, `session` is the user whose session it needs."""

    operation: Operation
    sender: Sender
    name: str
    request: dict[str, Any] = field(repr=False)
    session: Any = field(default=None, repr=False)

    def vary(self, name: str, **changes: Any) -> Case:
        """Return the case with another name and parts of its request exchanged."""
        return Case(self.operation, self.sender, name, {**self.request, **changes}, self.session)


class Cast:
    """Gives out operations as every actor; `persons` of each actor with `objects` each."""

    def __init__(self, catalog: Catalog, binder: Binder, *, persons: int, objects: int) -> None:
        self.catalog = catalog
        self._binder = binder
        self._persons = persons
        self._objects = objects

    def actors(self) -> list[Actor]:
        """Return all declared actors and the anonymous one."""
        return [*self.catalog.actor, self.catalog.find_actor("")]

    def senders(self, actor: Actor) -> list[Sender]:
        """Return people of an actor: the most active, the least active, and some between."""
        return [Sender(actor, person) for person in spread(self._binder.people(plain(actor)), self._persons)]

    def owner(self, operation: Operation) -> Sender | None:
        """Return the most active person of the operation's own actor for whom the draw finds something."""
        actor = self.catalog.find_actor(operation.actor)
        people = self._binder.people(plain(actor))[:_TRIES]
        return next((Sender(actor, each) for each in people if self._own(operation, Sender(actor, each))), None)

    def cases(self, operation: Operation, sender: Sender) -> list[Case]:
        """Return the operation with the sender's objects and with somebody else's, as far as there are any."""
        own = self._own(operation, sender)
        found = [self.case(operation, sender, self._kind(operation), values) for values in own]
        if self.is_personal(operation):
            others = self._of_others(operation, sender, own)
            found += [self.case(operation, sender, OTHERS, values) for values in islice(others, 1)]
        return found

    def case(self, operation: Operation, sender: Sender, name: str, values: Row) -> Case:
        """Fill an operation with values, as sent by somebody."""
        bound = self._binder.compose(operation, values, plain(sender.actor), sender.person)
        session = sender.person.get("user") if sender.actor.session else None
        return Case(operation, sender, name, bound.as_request(), session)

    def values(self, operation: Operation, sender: Sender) -> Row | None:
        """Return values for a request of the sender, rather about an own object than about somebody else's."""
        own = self._own(operation, sender)
        return next(iter(own or self._of_others(operation, sender, own)), None)

    def of_another(self, operation: Operation, sender: Sender) -> Row | None:
        """Return values for a request about an object of another person."""
        return next(self._of_others(operation, sender, self._own(operation, sender)), None)

    def is_personal(self, operation: Operation) -> bool:
        """Tell whether the request depends on the person who sends it."""
        return self._binder.depends_on_person(operation) or bool(self._of_actor(operation))

    def names_an_object_of_a_person(self, operation: Operation) -> bool:
        """Tell whether its path names something that the draw finds for the person."""
        in_path = set(PLACEHOLDER.findall(operation.path)) - {"unique"}
        return bool(in_path) and self.is_personal(operation)

    def _kind(self, operation: Operation) -> str:
        if self.is_personal(operation):
            return OWN
        return ANY if operation.draw else PLAIN

    def _own(self, operation: Operation, sender: Sender) -> list[Row]:
        rows = self._binder.objects(operation, sender.person)
        found = [{**sender.person, **row} for row in spread(rows or [], self._objects)]
        return [values for values in found if placeholders(operation) <= set(values)]

    def _of_others(self, operation: Operation, sender: Sender, own: list[Row]) -> Iterator[Row]:
        owners = self._binder.people(plain(self.catalog.find_actor(operation.actor)))
        mine = [{key: value for key, value in row.items() if key not in sender.person} for row in own]
        for owner in owners[:_TRIES]:
            if owner == sender.person:
                continue
            for row in self._binder.objects(operation, owner) or []:
                if row not in mine or not row:
                    yield {**owner, **row}

    def _of_actor(self, operation: Operation) -> set[str]:
        """Return the placeholders that only the actor's draw can fill."""
        people = self._binder.people(plain(self.catalog.find_actor(operation.actor)))
        rows = self._binder.objects(operation, people[0]) if people else None
        return placeholders(operation) - set(rows[0] if rows else ()) if rows is not None else set()


def placeholders(operation: Operation) -> set[str]:
    """Return the names that path and body use, without `{unique}`."""
    return set(PLACEHOLDER.findall(f"{operation.path} {operation.body!r}")) - {"unique"}


def absent(value: Any, number: int = 0) -> Any:
    """Return a key of the same kind as `value` that no object has."""
    if isinstance(value, UUID):
        return UUID(int=2**127 + number)
    return _ABSENT + number if isinstance(value, int) else f"absent-{number}"


def plain(actor: Actor) -> Actor:
    """Return the actor without session: each release opens sessions of its own, under its own secret."""
    return msgspec.structs.replace(actor, session=False)


def spread(rows: list[Any], count: int) -> list[Any]:
    """Return `count` rows from the first to the last, evenly."""
    if len(rows) <= count or count < 2:
        return rows[:count]
    return [rows[number * (len(rows) - 1) // (count - 1)] for number in range(count)]


class Messenger:
    """Sends cases through the agent of a release on a database with a row log; each user gets one session."""

    def __init__(self, agent: Agent, schema: Schema, salt: str) -> None:
        self._agent = agent
        self._keys = {name: list(table.key) for name, table in schema.tables.items()}
        self._salt = salt
        self._cookies: dict[Any, str] = {}

    def send(self, cases: list[Case]) -> list[dict[str, Any]]:
        """Send cases, each rolled back, and return their effects."""
        users = list(dict.fromkeys(case.session for case in cases if case.session not in (None, *self._cookies)))
        if users:
            self._cookies |= zip(users, self._agent.call("open_sessions", users=users), strict=True)
        requests = [self._with_cookie(case) for case in cases]
        answers: list[dict[str, Any]] = self._agent.call("effects", requests=requests, keys=self._keys, salt=self._salt)
        return answers

    def _with_cookie(self, case: Case) -> dict[str, Any]:
        if case.session is None:
            return case.request
        return {**case.request, "headers": {**case.request["headers"], "Cookie": self._cookies[case.session]}}


def failure(answer: dict[str, Any]) -> str:
    """Name the exception behind an answer 500 and where it was raised, "" if there is none."""
    place = answer["culprit"]
    at = f" at {place['file']}:{place['line']}" if place else ""
    return f"{answer['exception']}{at}" if answer["exception"] else ""
