"""Drafts an operations file from a project's URLs: what answers is an operation, what does not is a remark."""

from __future__ import annotations

from typing import Any

from harness.databases import Database
from harness.errors import AgentError, ConfigurationError, ReleaseError
from harness.operations import Actor, Catalog
from harness.probes.binding import Binder, bind
from harness.probes.queries.asking import Asker
from harness.probes.queries.drafted import Entry, entries, write
from harness.probes.queries.patient import Patient
from harness.probes.world import World

USER = "user"
_TABLE_SECONDS = 60.0
_LIST_SECONDS = 120.0
_FEW = (1, 2, 5)
"""Growth is measured at three sizes at least; these are the smallest."""


class Draft:
    """An operations file in the making; `text` is, at any time, what is known until then.

    `few` are the tables that answers read and that have too few rows to tell whether anything grows with them.
    """

    def __init__(self, world: World) -> None:
        self.entries: list[Entry] = []
        self._world = world
        self._actors: list[Actor] = []
        self._shrinkable: set[str] = set()
        self._is_whole = False
        self.few: list[str] = []

    @property
    def operations(self) -> list[Entry]:
        """The routes that answered."""
        return [entry for entry in self.entries if not entry.remark]

    @property
    def text(self) -> str:
        """The file as far as it is known; it says so where that is not all."""
        return write(self._actors, self.entries, self.few, whole=self._is_whole)

    def ask(self, database: Database) -> None:
        """Ask every route of the candidate on a copy of a database, and then which tables its answers are made of.

        Raises ConfigurationError where the URL configuration cannot be read or has nothing to ask.
        """
        copy = self._world.copy(database, "draft")
        with Patient(self._world, copy) as agent:
            self._list(agent)
            asker = Asker(self._world.candidate, agent, copy, self._actors)
            for number, entry in enumerate(self.entries):
                self._world.progress("queries", entry.route["path"], number, len(self.entries))
                asker.ask(entry)
                if entry.again:
                    self._note(entry)
            with bind(Catalog(), copy) as binder:
                self._find_tables(agent, binder)
        self._world.server.drop(copy)
        self._is_whole = True

    def _list(self, agent: Patient) -> None:
        try:
            listed = agent.call("list_urls", _LIST_SECONDS)
        except AgentError as error:
            raise ConfigurationError(str(error)) from None
        if not listed["routes"]:
            raise ConfigurationError(
                "The URL configuration has no route that GET may ask; write the operations by hand."
            )
        self._actors = [_actor(listed["user"])] if listed["user"] else []
        self._shrinkable = set(listed["tables"])
        self.entries = entries(listed["routes"], self._actors)

    def _note(self, entry: Entry) -> None:
        """Note what is read, and by what two answers can be told apart."""
        entry.mark = next((mark for mark in ("sha256", "size") if entry.again[mark] == entry.answer[mark]), "")
        read = [each["table"] for each in entry.answer["statements"] if each["kind"] == "reads"]
        entry.reads = [table for table in dict.fromkeys(read) if table in self._shrinkable and entry.mark]

    def _find_tables(self, agent: Patient, binder: Binder) -> None:
        """Find the tables that answers are made of: with fewer rows of them they are others."""
        tables = sorted({table for entry in self.operations for table in entry.reads})
        for number, table in enumerate(tables):
            self._world.progress("queries", f"which answers depend on {table}", number, len(tables))
            if binder.rows(table) < max(_FEW):
                self.few.append(table)
                continue
            reading = [entry for entry in self.operations if table in entry.reads]
            try:
                for entry in self._depending(agent, table, reading):
                    entry.tables.append(table)
            except ReleaseError as error:
                for entry in reading:
                    entry.doubts.append(f"Whether it grows with {table} was not found out: {error}")

    def _depending(self, agent: Patient, table: str, reading: list[Entry]) -> list[Entry]:
        # Most tables are not in the answer; that is known after one size.
        [one] = _shrunk(agent, table, [1], reading)
        changed = [
            entry
            for entry, answer in zip(reading, one, strict=True)
            if entry.marked(answer) != entry.marked(entry.answer)
        ]
        if not changed:
            return []
        smallest = [answer for entry, answer in zip(reading, one, strict=True) if entry in changed]
        columns = zip(smallest, *_shrunk(agent, table, list(_FEW[1:]), changed), strict=True)
        return [
            entry
            for entry, answers in zip(changed, columns, strict=True)
            if {each["status"] for each in answers} == {200}
            and len({entry.marked(each) for each in answers}) == len(_FEW)
        ]


def _shrunk(agent: Patient, table: str, sizes: list[int], asked: list[Entry]) -> list[list[dict[str, Any]]]:
    """Return the answers at every size of a table."""
    seconds = _TABLE_SECONDS + 3 * len(sizes) * sum(entry.answer["seconds"] for entry in asked)
    requests = [entry.request for entry in asked]
    results = agent.call("grow", seconds, table=table, sizes=sizes, requests=requests, capture=False)
    return [result["answers"] for result in results]


def _actor(user: dict[str, str]) -> Actor:
    # These names come from the project's own models.
    draw = f'SELECT {user["key"]} AS "user" FROM {user["table"]} ORDER BY {user["order"]}'  # noqa: S608  # nosec B608
    return Actor(name=USER, draw=draw, session=True)
