"""Listens to what the server itself says at ``client_min_messages = debug1`` while it alters tables."""

from __future__ import annotations

import re
from typing import Any

_PATTERNS = (
    ("rewrite", re.compile(r'^rewriting table "(?P<name>.+)"$')),
    ("scan", re.compile(r'^verifying table "(?P<name>.+)"$')),
    ("constraint", re.compile(r'^validating foreign key constraint "(?P<name>.+)"$')),
    ("build", re.compile(r'^building index "(?P<index>.+)" on table "(?P<name>.+?)" ')),
    ("proven", re.compile(r"^existing constraints on column .+ are sufficient to prove")),
)


class Listener:
    """Collects the notices of one raw connection; `take` returns and forgets them."""

    def __init__(self) -> None:
        self._heard: list[str] = []
        self._raw: Any = None

    def attach(self, raw: Any) -> None:
        """Listen to a raw connection of psycopg 3 or psycopg2."""
        self._raw = raw
        if hasattr(raw, "add_notice_handler"):
            raw.add_notice_handler(self._hear)

    def detach(self) -> None:
        """Stop listening."""
        if hasattr(self._raw, "remove_notice_handler"):
            self._raw.remove_notice_handler(self._hear)

    def take(self) -> list[tuple[str, str, str]]:
        """Return what was said since the last time: (kind, name, the server's sentence)."""
        heard, self._heard = self._heard, []
        if not hasattr(self._raw, "add_notice_handler"):
            heard = [text.split(":", 1)[-1].strip() for text in self._raw.notices]
            del self._raw.notices[:]
        return [found for text in heard if (found := _understand(text))]

    def _hear(self, diagnostic: Any) -> None:
        self._heard.append(diagnostic.message_primary or "")


def _understand(text: str) -> tuple[str, str, str] | None:
    if "pg_toast" in text:
        return None
    for kind, pattern in _PATTERNS:
        match = pattern.match(text)
        if match:
            return kind, match.groupdict().get("name") or "", text
    return None
