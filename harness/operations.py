"""What users do with the platform, declared once in ``operations.toml``."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal

import msgspec

from harness import configuration
from harness.errors import ConfigurationError

ANONYMOUS = "anonymous"
"""The name under which the actor without a declaration is shown."""

# What `where` of a declared difference looks like, and an example.
_WHERE = {
    "status": (r"[\d*?]+ -> [\d*?]+", "404 -> 400"),
    "headers": (r"[a-z][\w *?-]*", "content-type"),
    "body": (r"/.*", "/results/*/title"),
    "rows": (r"[\w*?]+(\.[\w*?]+){0,2}", "table.column"),
}
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base of everything that a person writes: unknown keys are errors."""


class Actor(_Strict, frozen=True, kw_only=True):
    """Somebody who uses the platform.

    `draw` is an SQL query; each row is one person, the most active first, and each column a placeholder (`{user}`,
    `{token}`) for `headers` and for the requests. With `session` true a Django session of the column `user` is opened
    instead of sending headers. `think` are the fewest and the most seconds between two requests of one person.
    """

    name: str
    draw: str = ""
    headers: dict[str, str] = {}
    session: bool = False
    think: tuple[float, float] = (1.0, 5.0)


class QueryBudget(_Strict, frozen=True, kw_only=True):
    """How many queries an operation may run, and how they may grow with the data ("constant" or "linear")."""

    at_most: int | None = None
    grows: Literal["constant", "linear", ""] = ""


class Differs(_Strict, frozen=True, kw_only=True):
    """An intended difference between the baseline release and the candidate, with its reason.

    `what` differs: the "status" ("404 -> 400"), the "headers" ("content-type"), the "body" (a JSON path, list places
    as `*`: "/results/*/title") or the "rows" that are written ("table.column", or "table" for whole rows). `where` is
    one pattern (fnmatch) or several; `status` restricts it to answers of the candidate ("404", "4xx"), `actor` to one
    actor ("anonymous": nobody in particular), `case` to requests of that kind ("own object", "grade: null"; fnmatch).
    """

    what: Literal["status", "headers", "body", "rows"]
    reason: str
    where: str | list[str] = "*"
    status: str = ""
    actor: str = ""
    case: str = "*"

    @property
    def patterns(self) -> list[str]:
        """The patterns of `where`."""
        return [self.where] if isinstance(self.where, str) else self.where


class DiffersAnywhere(Differs, frozen=True, kw_only=True):
    """An intended difference of all operations whose name matches `operation` (fnmatch)."""

    operation: str = "*"


class Operation(_Strict, frozen=True, kw_only=True):
    """One thing a user does: a request, by an actor, with data drawn from the database.

    `request` is "METHOD /path/{placeholder}/". A placeholder of path or `body` is a column of `draw` or of the
    actor's draw, or `{unique}`, a text that no other request has. A body value that is nothing but one placeholder
    keeps the type of the column. `draw` is an SQL query for every database that the platform runs on; it may use the
    actor's columns as named parameters (`%(user)s`), and a literal percent sign is written `%%`. Its first row is the
    most popular one: reads take the first rows more often; writes use every row at most once, so that "not submitted
    yet" stays true.

    `expect` are the status codes that mean success, `allow` names the actors that may do it (empty: all), `weight` is
    its share of the load (0: not under load), `releases` where it exists (empty: everywhere), `queries` the budget of
    the candidate release. `grows_with` names the tables whose rows the answer is made of, for the growth check: a
    list of tables, or a table for each SQL query of the primary keys that the answer contains, in order of
    appearance.

    `others` says what somebody gets whose object it is not, though the same actor: "served", "refused" (401, 403 or
    404), or "hidden" (404: that it exists is private). By default an operation whose path names an object that the draw
    finds for its actor (`%(user)s`) is "refused", every other one "served". `differs` lists intended differences from
    the baseline release.
    """

    name: str
    request: str
    actor: str = ""
    allow: list[str] = []
    draw: str = ""
    body: dict[str, Any] = {}
    expect: list[int] = msgspec.field(default_factory=lambda: [200])
    queries: QueryBudget = QueryBudget()
    weight: int = 1
    releases: list[str] = []
    grows_with: list[str] | dict[str, str] = []
    others: Literal["served", "refused", "hidden", ""] = ""
    differs: list[Differs] = []

    @property
    def growth(self) -> dict[str, str]:
        """The tables that the operation grows with, each with its query of keys ("" means the whole table)."""
        return self.grows_with if isinstance(self.grows_with, dict) else dict.fromkeys(self.grows_with, "")

    @property
    def method(self) -> str:
        """The HTTP method."""
        return self.request.split(" ", 1)[0]

    @property
    def path(self) -> str:
        """The path, with placeholders."""
        return self.request.split(" ", 1)[1]

    @property
    def writes(self) -> bool:
        """Whether its method may change data."""
        return self.method not in ("GET", "HEAD", "OPTIONS")


class Catalog(_Strict, frozen=True, kw_only=True):
    """A whole operations file."""

    actor: list[Actor] = []
    operation: list[Operation] = []
    differs: list[DiffersAnywhere] = []
    schema: Literal[1] = 1

    def find_actor(self, name: str) -> Actor:
        """Return the actor of that name; "" is the anonymous one, whom nothing declares."""
        return next((actor for actor in self.actor if actor.name == name), Actor(name=name))

    def find(self, name: str) -> Operation:
        """Return the operation of that name; raises ConfigurationError."""
        for each in self.operation:
            if each.name == name:
                return each
        raise ConfigurationError(f"There is no operation {name!r} in the catalog.")

    def of(self, release: str) -> list[Operation]:
        """Return the operations that exist in that release."""
        return [each for each in self.operation if not each.releases or release in each.releases]


def read_operations(path: Path) -> Catalog:
    """Read and check an operations file; raises ConfigurationError."""
    catalog = configuration.read(path, Catalog)
    actors = {actor.name for actor in catalog.actor}
    seen: set[str] = set()
    for operation in catalog.operation:
        _check(operation, actors, path)
        if operation.name in seen:
            raise ConfigurationError(f"{path}: two operations are called {operation.name!r}; rename one.")
        seen.add(operation.name)
        for declared in operation.differs:
            _check_differs(declared, f"{path}: operation {operation.name!r}", actors)
    for each in catalog.differs:
        _check_differs(each, f"{path}: [[differs]] of {each.operation!r}", actors)
        if not any(fnmatchcase(name, each.operation) for name in seen):
            raise ConfigurationError(f"{path}: [[differs]] names operation {each.operation!r}, which nothing matches.")
    return catalog


def _check_differs(differs: Differs, at: str, actors: set[str]) -> None:
    if not differs.reason.strip():
        raise ConfigurationError(f"{at} declares a difference without a reason; say why it is intended.")
    if differs.actor and differs.actor not in {*actors, ANONYMOUS}:
        known = ", ".join([*sorted(actors), ANONYMOUS])
        raise ConfigurationError(f"{at} declares a difference for actor {differs.actor!r}; declared: {known}.")
    if not re.fullmatch(r"|[1-5](\d\d|xx)", differs.status):
        raise ConfigurationError(f"{at} declares a difference with status {differs.status!r}; write '404' or '4xx'.")
    form, example = _WHERE[differs.what]
    for pattern in differs.patterns:
        if pattern != "*" and not re.fullmatch(form, pattern):
            raise ConfigurationError(
                f"{at} declares a difference of the {differs.what} at {pattern!r}; write it as {example!r}."
            )


def _check(operation: Operation, actors: set[str], path: Path) -> None:
    method, _, url = operation.request.partition(" ")
    if method not in METHODS or not url.startswith("/"):
        raise ConfigurationError(
            f"{path}: operation {operation.name!r} has request {operation.request!r}; write it as 'GET /path/'."
        )
    if operation.weight < 0:
        raise ConfigurationError(f"{path}: operation {operation.name!r} has a negative weight; 0 is 'not under load'.")
    if operation.queries.grows == "constant" and not operation.growth:
        raise ConfigurationError(
            f'{path}: operation {operation.name!r} must not grow (grows = "constant"), but says not with what; '
            "name the tables that its answer is made of in 'grows_with'."
        )
    for name in [operation.actor, *operation.allow]:
        if name and name not in actors:
            known = ", ".join(sorted(actors)) or "none"
            raise ConfigurationError(
                f"{path}: operation {operation.name!r} names actor {name!r}, which is not declared; declared: {known}."
            )
