"""Turns SQL and error messages into words that carry no row content."""

from __future__ import annotations

import re
from functools import lru_cache

_LITERAL = re.compile(r"'(?:[^']|'')*'|\$(\w*)\$.*?\$\1\$", re.DOTALL)
_NUMBER = re.compile(r"(?<![\w$%\"])-?\d+(?:\.\d+)?\b")
_SPACE = re.compile(r"\s+")
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_WORD = re.compile(r'"([^"]+)"|([A-Za-z_][A-Za-z0-9_$]*)')
_CONTENT = {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "MERGE", "COPY", "VALUES", "DO", "CALL", "EXECUTE"}
_OF_DJANGO = re.compile(r"(?:SAVEPOINT [^;]+|RELEASE SAVEPOINT [^;]+|ROLLBACK TO SAVEPOINT [^;]+)")
# What works on a whole server, which may be somebody's.
_BEYOND = re.compile(
    r"(?:^|;)\s*(?:DROP\s+(?:DATABASE|ROLE|USER(?!\s+MAPPING)|GROUP|TABLESPACE)|ALTER\s+SYSTEM)\b", re.IGNORECASE
)
_LONGEST = 2000


@lru_cache(maxsize=4096)
def verb(sql: str) -> str:
    """Return the first word of a statement in capitals."""
    words = _COMMENT.sub(" ", sql).split(None, 1)
    return words[0].strip("(;").upper() if words else ""


def is_bookkeeping(sql: str) -> bool:
    """Tell whether a statement is one of those with which Django itself opens and closes savepoints."""
    return bool(_OF_DJANGO.fullmatch(sql))


@lru_cache(maxsize=4096)
def reaches_beyond(sql: str) -> bool:
    """Tell whether a text has a statement that drops databases, roles or tablespaces, or configures the server."""
    return bool(_BEYOND.search(_LITERAL.sub("?", _COMMENT.sub(" ", sql))))


def carries_rows(sql: str) -> bool:
    """Tell whether a statement reads or writes rows, so that its literals may be row content."""
    return verb(sql) in _CONTENT


@lru_cache(maxsize=4096)
def only_reads(sql: str) -> bool:
    """Tell whether a statement is a plain SELECT, which takes no lock that anybody could mind."""
    return verb(sql) == "SELECT" and " FOR " not in sql.upper()


@lru_cache(maxsize=4096)
def template(sql: str) -> str:
    """Return a statement in one line; literals of statements that read or write rows are masked."""
    text = _SPACE.sub(" ", sql).strip()
    if carries_rows(text):
        text = _NUMBER.sub("?", _LITERAL.sub("?", text))
    return text if len(text) <= _LONGEST else text[:_LONGEST] + " ..."


def names(sql: str) -> set[str]:
    """Return every identifier of a statement, quoted or not."""
    return {quoted or bare.lower() for quoted, bare in _WORD.findall(_LITERAL.sub(" ", sql))}


def sqlstate(error: BaseException) -> str:
    """Return the five-letter code of a database error, "" where there is none."""
    cause: BaseException | None = error
    while cause is not None:
        code = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)
        if code:
            return str(code)
        cause = cause.__cause__
    return ""
