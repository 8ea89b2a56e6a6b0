"""Reads the `nosec` comments: which tests each of them silences, and which silence everything by mistake."""

from __future__ import annotations

import re
import tokenize
from pathlib import Path

import msgspec

COMMENT = re.compile(r"#\s*nosec\b:?(?P<tests>[^#]*)")
TEST = re.compile(r"^(B\d{3},?)+$")


class Suppression(msgspec.Struct, frozen=True):
    """A `nosec` comment; `tests` are the ids that it names, and it is a blanket one without any."""

    file: str
    line: int
    tests: tuple[str, ...]


def suppressions(folder: Path, file: str) -> list[Suppression]:
    """Return the `nosec` comments of a file, none where it cannot be read as Python."""
    found = []
    try:
        with tokenize.open(folder / file) as source:
            for token in tokenize.generate_tokens(source.readline):
                if token.type == tokenize.COMMENT and (comment := COMMENT.search(token.string)):
                    found.append(Suppression(file, token.start[0], _tests(comment["tests"])))
    except (SyntaxError, tokenize.TokenError, UnicodeDecodeError):
        return []
    return found


def _tests(text: str) -> tuple[str, ...]:
    words = [word for word in text.split() if TEST.match(word)]
    return tuple(test for word in words for test in word.split(",") if test)


def blanket(silenced: list[Suppression], counted: list[str]) -> list[Suppression]:
    """Return the comments that name no test; `counted` are files in which Bandit itself met one."""
    found = [each for each in silenced if not each.tests]
    known = {each.file for each in found}
    return found + [Suppression(file, 0, ()) for file in counted if file not in known]
