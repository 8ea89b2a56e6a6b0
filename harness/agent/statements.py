"""What a statement is: its kind, its fingerprint, and a short form for people. No value survives in any of them."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

_KEPT = 5_000
_TRANSACTION = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT", "START", "SET")
_READ = ("SELECT", "SHOW", "EXPLAIN", "VALUES", "PRAGMA", "FETCH", "DECLARE")
_CHANGES = re.compile(r"\b(INSERT|UPDATE|DELETE|MERGE)\b", re.IGNORECASE)
_RULES = [
    (re.compile(r"/\*.*?\*/|--[^\n]*", re.DOTALL), " "),
    (re.compile(r"'(?:[^']|'')*'"), "%s"),
    (re.compile(r'(?<![\w"$.])-?\d+(?:\.\d+)?\b(?!")'), "%s"),
    (re.compile(r'(SAVEPOINT)\s+"?[\w$]+"?', re.IGNORECASE), r"\1 …"),
    (re.compile(r'"?_django_curs_\w+"?'), "…"),
    (re.compile(r"\s+"), " "),
    (re.compile(r"\(\s*%s(?:\s*,\s*%s)*\s*\)"), "(%s)"),
    (re.compile(r"(\([^()]*\))(?:\s*,\s*\1)+"), r"\1"),
    (re.compile(r"(WHEN .{1,200}? THEN %s)(?: \1)+"), r"\1"),
    (re.compile(r"(\(?[\w\".]+ (?:=|LIKE|ILIKE) %s\)?)(?: OR \1)+"), r"\1"),
]
_SHORTER = [
    (re.compile(r'"'), ""),
    (re.compile(r"\b(SELECT(?: DISTINCT)?) (?!COUNT\(|SUM\(|%s|EXISTS).*? FROM "), r"\1 … FROM "),
    (re.compile(r"(INSERT INTO [\w.]+) \([^)]*\)"), r"\1 (…)"),
    (re.compile(r"(UPDATE [\w.]+ SET) .*?( WHERE |$)"), r"\1 …\2"),
]

_TABLE = re.compile(r'\b(?:FROM|INTO|UPDATE|JOIN)\s+((?:"[^"]+"|[\w$]+)(?:\.(?:"[^"]+"|[\w$]+))*)', re.IGNORECASE)

_INNER = re.compile(r"\((?=[^()])[^()]*\)")


def unnamed_savepoint(sql: str) -> str:
    """Return a statement about a savepoint as normalise() does, without going through all rules."""
    return f"{sql[: sql.index('SAVEPOINT')]}SAVEPOINT …"


def kind(sql: str) -> str:
    """Say whether a statement is one of the "reads", the "writes" or the "transactions" (transaction control)."""
    words = _RULES[0][0].sub(" ", sql).lstrip(" (\n\t").split(None, 1)
    first = words[0].upper().rstrip(";") if words else ""
    if first in _TRANSACTION:
        return "transactions"
    if first in _READ or (first == "WITH" and not _CHANGES.search(sql)):
        return "reads"
    return "writes"


@lru_cache(_KEPT)
def normalise(sql: str) -> str:
    """Return the statement without values, list widths, savepoint names and comments."""
    for pattern, replacement in _RULES:
        sql = pattern.sub(replacement, sql)
    return sql.strip()


@lru_cache(_KEPT)
def fingerprint(normalised: str) -> str:
    """Return the identity of a normalised statement, 16 hex digits."""
    return hashlib.sha256(normalised.encode()).hexdigest()[:16]


def tables(normalised: str) -> list[str]:
    """Return the tables that a statement names, the one that it is about first."""
    return list(dict.fromkeys(name.split(".")[-1].strip('"') for name in _TABLE.findall(normalised)))


@lru_cache(_KEPT)
def table(normalised: str) -> str:
    """Return the table that a statement is about, "" where it names none."""
    outside = normalised
    while (without := _INNER.sub("()", outside)) != outside:
        outside = without
    return next(iter(tables(outside) or tables(normalised)), "")


@lru_cache(_KEPT)
def shorten(normalised: str, width: int = 160) -> str:
    """Return a normalised statement for people: columns as an ellipsis, at most `width` characters."""
    for pattern, replacement in _SHORTER:
        normalised = pattern.sub(replacement, normalised)
    return normalised if len(normalised) <= width else normalised[: width - 1] + "…"
