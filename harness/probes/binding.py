"""Fills the placeholders of operations with rows of a database: a declared operation becomes a concrete request."""

from __future__ import annotations

import random
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg

from harness.databases import Database
from harness.errors import ConfigurationError, ProbeError
from harness.operations import Actor, Catalog, Operation
from harness.probes.filling import Filler, Row
from harness.releases import Agent
from harness.words import number

_PARAMETER = re.compile(r"%\((\w+)\)s")
_TRIES = 200
_SKEW = 2.5


@dataclass(frozen=True)
class Bound:
    """A request that can be sent. Headers, path, body and values hold people's data: they are in no representation."""

    operation: str
    method: str
    path: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    body: dict[str, Any] | None = field(repr=False)
    expect: list[int]
    values: Row = field(repr=False)

    def as_request(self) -> dict[str, Any]:
        """Return it as JSON types, for the agent and for the load generator."""
        return {
            "operation": self.operation,
            "method": self.method,
            "path": self.path,
            "headers": self.headers,
            "body": self.body,
            "expect": self.expect,
        }


class Binder:
    """Binds the operations of a catalog to the rows of one database, repeatably for the same `seed`.

    `open_sessions` turns user keys into Cookie headers (the agent does it), for actors with a session. Every problem is
    a ProbeError or ConfigurationError that names the operation; no message shows a row.
    """

    def __init__(
        self,
        catalog: Catalog,
        query: Callable[[str, Row], list[Row]],
        *,
        seed: int = 0,
        open_sessions: Callable[[list[Any]], list[str]] | None = None,
    ) -> None:
        self._catalog = catalog
        self._query = query
        self._random = random.Random(seed)  # noqa: S311  # nosec B311  # it spreads load, it guards nothing
        self._run = f"{random.SystemRandom().getrandbits(32):08x}"
        self._count = 0
        self._open_sessions = open_sessions
        self._people: dict[str, list[Row]] = {}
        self._rows: dict[tuple[str, str, int], list[Row]] = {}
        self._used: dict[str, set[tuple[Any, ...]]] = {}

    def first(self, operation: Operation) -> Bound:
        """Bind the most popular rows: the most active person for whom the draw finds something."""
        people = self.people(self._catalog.find_actor(operation.actor))
        for index in range(min(len(people), _TRIES)):
            for row in self._fresh(operation, index, people[index])[:1]:
                return self._bind(operation, people[index], row)
        raise self._nothing(operation)

    def draw(self, operation: Operation, count: int) -> list[Bound]:
        """Bind `count` requests: reads prefer popular rows, writes use every row once."""
        return [self._draw(operation) for _ in range(count)]

    def keys(self, bound: Bound, sql: str) -> list[Any]:
        """Run a query of `grows_with` for a bound request and return its first column."""
        return [next(iter(row.values())) for row in self._query(sql, bound.values)]

    def headers(self, actor: Actor, count: int) -> list[dict[str, str]]:
        """Return the headers of the most active people of an actor, at most `count`."""
        return [_headers(actor, person) for person in self.people(actor)[:count]]

    def rows(self, table: str) -> int:
        """Return the number of rows of a table."""
        counting = f'SELECT COUNT(*) AS n FROM "{table}"'  # noqa: S608 - the project's own file names it
        return int(self._query(counting, {})[0]["n"])

    def people(self, actor: Actor) -> list[Row]:
        """Return the rows of an actor, the most active first; the anonymous actor is one empty row."""
        if actor.name not in self._people:
            rows = self._rows_of(f"actor {actor.name!r}", actor.draw, {})
            self._people[actor.name] = self._with_sessions(actor, rows)
        return self._people[actor.name]

    def depends_on_person(self, operation: Operation) -> bool:
        """Tell whether the objects of an operation depend on who asks."""
        return bool(_PARAMETER.search(operation.draw))

    def objects(self, operation: Operation, person: Row) -> list[Row] | None:
        """Return the rows that a person's draw finds, used or not; None where the draw needs what the person lacks."""
        if set(_PARAMETER.findall(operation.draw)) - set(person):
            return None
        return self._rows_of(f"operation {operation.name!r}", operation.draw, person)

    def compose(self, operation: Operation, values: Row, sender: Actor, person: Row) -> Bound:
        """Fill the operation with `values`, as sent by a person; raises ConfigurationError where a value is missing."""
        self._count += 1
        return self._filled(operation, {"unique": f"{self._run}-{self._count}", **values}, _headers(sender, person))

    def _draw(self, operation: Operation) -> Bound:
        people = self.people(self._catalog.find_actor(operation.actor))
        if not people:
            raise self._nothing(operation)
        tries = [self._skewed(len(people)) for _ in range(_TRIES)]
        for index in [*tries, *range(len(people))]:
            rows = self._fresh(operation, index, people[index])
            if rows:
                row = rows[0] if operation.writes else rows[self._skewed(len(rows))]
                return self._bind(operation, people[index], row)
        raise self._nothing(operation)

    def _fresh(self, operation: Operation, index: int, person: Row) -> list[Row]:
        """Return the rows that this person can still use for the operation."""
        key = (operation.name, operation.draw, index)
        if key not in self._rows:
            self._rows[key] = self._rows_of(f"operation {operation.name!r}", operation.draw, person)
        if not operation.writes or not operation.draw:
            return self._rows[key]
        used = self._used.setdefault(operation.name, set())
        self._rows[key] = [row for row in self._rows[key] if tuple(row.values()) not in used]
        return self._rows[key]

    def _bind(self, operation: Operation, person: Row, row: Row) -> Bound:
        self._count += 1
        if operation.draw:
            self._used.setdefault(operation.name, set()).add(tuple(row.values()))
        values = {"unique": f"{self._run}-{self._count}", **person, **row}
        return self._filled(operation, values, _headers(self._catalog.find_actor(operation.actor), person))

    def _filled(self, operation: Operation, values: Row, headers: dict[str, str]) -> Bound:
        fill = Filler(f"operation {operation.name!r}", values)
        return Bound(
            operation=operation.name,
            method=operation.method,
            path=fill.text(operation.path, quoted=True),
            headers=headers,
            body=fill.value(operation.body) if operation.body else None,
            expect=operation.expect,
            values=values,
        )

    def _rows_of(self, what: str, sql: str, parameters: Row) -> list[Row]:
        if not sql:
            return [{}]
        missing = sorted(set(_PARAMETER.findall(sql)) - set(parameters))
        if missing:
            raise ConfigurationError(f"The draw of {what} uses %({missing[0]})s, which its actor's draw does not give.")
        try:
            return self._query(sql, parameters)
        except ProbeError as error:
            raise ProbeError(f"The draw of {what} fails: {error}") from None

    def _with_sessions(self, actor: Actor, people: list[Row]) -> list[Row]:
        if not actor.session or not people:
            return people
        if self._open_sessions is None or "user" not in people[0]:
            raise ProbeError(f"Actor {actor.name!r} needs sessions, but its draw has no column 'user'.")
        cookies = self._open_sessions([person["user"] for person in people])
        return [{**person, "session cookie": cookie} for person, cookie in zip(people, cookies, strict=True)]

    def _nothing(self, operation: Operation) -> ProbeError:
        if not self.people(self._catalog.find_actor(operation.actor)):
            reason = f"the draw of actor {operation.actor!r} returns no row; seed some, or mend the draw"
        elif used := len(self._used.get(operation.name, ())):
            reason = f"its draw returns only {number(used, 'row')}, and all are used"
        else:
            reason = "its draw returns no row for any of its actors; seed some, or mend the draw"
        return ProbeError(f"Operation {operation.name!r} cannot be measured: {reason}.")

    def _skewed(self, length: int) -> int:
        """Return an index below `length`; low ones come more often, as popular things do."""
        return int(length * self._random.random() ** _SKEW)


def sessions_by(agent: Agent) -> Callable[[list[Any]], list[str]]:
    """Let an agent open the sessions that actors need."""

    def open_sessions(users: list[Any]) -> list[str]:
        cookies: list[str] = agent.call("open_sessions", users=users)
        return cookies

    return open_sessions


def _headers(actor: Actor, person: Row) -> dict[str, str]:
    fill = Filler(f"actor {actor.name!r}", person)
    headers = {name: fill.text(value) for name, value in actor.headers.items()}
    return {**headers, "Cookie": str(person["session cookie"])} if actor.session else headers


@contextmanager
def bind(
    catalog: Catalog,
    database: Database,
    *,
    seed: int = 0,
    open_sessions: Callable[[list[Any]], list[str]] | None = None,
) -> Iterator[Binder]:
    """Open a binder on a database; its connection is closed at the end, so that the database can be copied."""
    connection = database.connect()
    try:
        yield Binder(catalog, _querier(database.engine, connection), seed=seed, open_sessions=open_sessions)
    finally:
        connection.close()


def _querier(engine: str, connection: Any) -> Callable[[str, Row], list[Row]]:
    def query(sql: str, parameters: Row) -> list[Row]:
        if engine == "sqlite":
            sql = _PARAMETER.sub(r":\1", sql).replace("%%", "%")
        cursor = connection.cursor()
        try:
            cursor.execute(sql, parameters)
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        except (psycopg.ProgrammingError, sqlite3.OperationalError, sqlite3.ProgrammingError) as error:
            raise ProbeError(
                f"{str(error).splitlines()[0]}."
            ) from None  # mistakes in the SQL; the rest may quote values
        except (psycopg.Error, sqlite3.Error) as error:
            raise ProbeError(f"{type(error).__name__}.") from None
        finally:
            cursor.close()

    return query
