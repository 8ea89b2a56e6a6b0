"""Tells the transaction that Django opened from the one that is open: SQL and drivers can end it behind its back."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from harness.agent.facts import words
from harness.agent.facts.catalog import Relation
from harness.agent.facts.record import OperationFacts

# Anything in which a semicolon separates nothing: strings, quoted bodies and names, comments.
_PIECE = re.compile(
    r"""[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(?P<tag>[A-Za-z_]\w*|)\$.*?\$(?P=tag)\$"""
    r"|--[^\n]*|/\*.*?\*/|;",
    re.DOTALL,
)
_FUNCTION_BODY = re.compile(r"\bBEGIN\s+ATOMIC\b", re.IGNORECASE)
_CONTROL = {"BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE", "PREPARE"}
_PARTIAL = re.compile(r"^(?:SAVEPOINT\b|RELEASE\b|ROLLBACK\s+(?:WORK\s+|TRANSACTION\s+)?TO\b)", re.IGNORECASE)
_IDLE = 0


@dataclass
class Transaction:
    """What the open transaction holds, who took it when, and what was not yet tried from outside.

    `number` is PostgreSQL's, 0 as long as it was not read; `touched` counts the rows updated and deleted.
    """

    modes: dict[int, str] = field(default_factory=dict)
    taken: list[tuple[OperationFacts, Relation, float]] = field(default_factory=list)
    untried: list[tuple[OperationFacts, Relation]] = field(default_factory=list)
    touched: int = 0
    altered: bool = False
    number: int = 0


class LeftOpen(Exception):  # noqa: N818
    """Raised where a migration ends and a transaction that it began by hand is still open."""

    def __init__(self) -> None:
        super().__init__(
            "BEGIN without COMMIT: the transaction is still open when the migration ends, and all that it did is "
            "undone when migrate ends"
        )


@lru_cache(maxsize=256)
def split(sql: str) -> tuple[str, ...]:
    """Return the statements of a text that begins or ends transactions, and any other text as it is."""
    if ";" not in sql or _FUNCTION_BODY.search(sql):
        return (sql,)
    parts, start = [], 0
    for found in _PIECE.finditer(sql):
        if found.group() == ";":
            parts.append(sql[start : found.start()])
            start = found.end()
    parts = [part for part in [*parts, sql[start:]] if words.verb(part)]
    return tuple(parts) if any(controls(part) for part in parts) else (sql,)


def controls(statement: str) -> bool:
    """Tell whether one statement begins or ends a transaction or a savepoint."""
    verb = words.verb(statement)
    return verb in _CONTROL and (verb != "PREPARE" or "TRANSACTION" in statement.upper())


def is_whole(statement: str) -> bool:
    """Tell whether one statement begins or ends a whole transaction, not a savepoint within one."""
    return controls(statement) and not _PARTIAL.match(statement.strip())


def is_open(raw: Any) -> bool:
    """Tell whether a raw connection of psycopg 3 or psycopg2 has a transaction open, by whomever."""
    return raw is not None and not raw.closed and raw.info.transaction_status != _IDLE
