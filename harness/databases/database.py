"""One database: where it is, how to connect to it, and what Django has to know about it."""

from __future__ import annotations

import sqlite3
from typing import Any, Literal

import msgspec
import psycopg

Engine = Literal["postgresql", "sqlite"]


class Secret:
    """A password that no repr, log or JSON file can show; `reveal` is the only way to it."""

    __slots__ = ("_value",)

    def __init__(self, value: str = "") -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the password itself."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "Secret()" if not self._value else "Secret(****)"


class Database(msgspec.Struct, frozen=True, kw_only=True):
    """One database on a server; `name` is a file's path with SQLite, `options` are further libpq parameters."""

    engine: Engine
    name: str
    host: str = ""
    port: int = 0
    user: str = ""
    password: Secret = Secret()
    options: dict[str, str] = {}

    def connect(self) -> Any:
        """Open a connection in autocommit mode: `psycopg.Connection` or `sqlite3.Connection`."""
        if self.engine == "sqlite":
            return sqlite3.connect(self.name, timeout=20, isolation_level=None)
        parameters: dict[str, Any] = {"client_encoding": "UTF8", **self.parameters()}
        return psycopg.connect(autocommit=True, **parameters)

    def parameters(self, *, with_password: bool = True) -> dict[str, str | int]:
        """Return libpq's connection parameters, without those that are not set."""
        password = self.password.reveal() if with_password else ""
        named: dict[str, str | int] = {"dbname": self.name, "host": self.host, "port": self.port, "user": self.user}
        named["password"] = password
        return {key: value for key, value in {**self.options, **named}.items() if value}

    def settings(self) -> dict[str, Any]:
        """Return Django's `DATABASES["default"]`; it holds the password, so keep it out of logs and arguments."""
        if self.engine == "sqlite":
            return {"ENGINE": "django.db.backends.sqlite3", "NAME": self.name, "OPTIONS": {"timeout": 20}}
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": self.name,
            "USER": self.user,
            "PASSWORD": self.password.reveal(),
            "HOST": self.host,
            "PORT": str(self.port or ""),
            "OPTIONS": dict(self.options),
        }
