"""What users do with the platform, declared once in ``operations.toml``."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import msgspec

from harness import configuration
from harness.errors import ConfigurationError

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base of everything that a person writes: unknown keys are errors."""


class Actor(_Strict, frozen=True, kw_only=True):
    """Somebody who uses the platform.

    `draw` is an SQL query; each row is one person and each column a placeholder (`{user}`, `{token}`) for `headers` and for
    the requests. With `session` true a Django session of the column `user` is opened instead of sending headers.
    """

    name: str
    draw: str = ""
    headers: dict[str, str] = {}
    session: bool = False


class QueryBudget(_Strict, frozen=True, kw_only=True):
    """How many queries an operation may run, and how they may grow with the data ("constant" or "linear")."""

    at_most: int | None = None
    grows: Literal["constant", "linear", ""] = ""


class Operation(_Strict, frozen=True, kw_only=True):
    """One thing a user does: a request, by an actor, with data drawn from the database.

    `request` is "METHOD /path/{placeholder}/"; `draw` an SQL query whose rows fill the placeholders of path and `body`, and
    which may use the actor's placeholders as `%(user)s` parameters. `expect` are the status codes that mean success.
    `allow` names the actors that may do it (empty: all), `weight` its share of the load, `releases` where it exists
    (empty: everywhere).
    """

    name: str
    request: str
    actor: str = ""
    allow: list[str] = []
    draw: str = ""
    body: dict[str, Any] = {}
    expect: list[int] = [200]
    queries: QueryBudget = QueryBudget()
    weight: int = 1
    releases: list[str] = []

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
    schema: Literal[1] = 1

    def find_actor(self, name: str) -> Actor:
        """Return the actor of that name; "" is the anonymous one."""
        return next((actor for actor in self.actor if actor.name == name), Actor(name=name))

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
    return catalog


def _check(operation: Operation, actors: set[str], path: Path) -> None:
    method, _, url = operation.request.partition(" ")
    if method not in METHODS or not url.startswith("/"):
        raise ConfigurationError(
            f"{path}: operation {operation.name!r} has request {operation.request!r}; write it as 'GET /path/'."
        )
    for name in [operation.actor, *operation.allow]:
        if name and name not in actors:
            known = ", ".join(sorted(actors)) or "none"
            raise ConfigurationError(
                f"{path}: operation {operation.name!r} names actor {name!r}, which is not declared; declared: {known}."
            )
