"""Puts the values of rows into the templates of requests and headers."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from harness.errors import ConfigurationError

Row = dict[str, Any]
PLACEHOLDER = re.compile(r"\{(\w+)\}")


class Filler:
    """Puts values into templates."""

    def __init__(self, what: str, values: Row) -> None:
        self._what = what
        self._values = values

    def text(self, template: str, *, quoted: bool = False) -> str:
        """Fill a text; `quoted` makes the values safe inside a path."""

        def put(match: re.Match[str]) -> str:
            text = str(self._get(match[1]))
            return quote(text, safe="") if quoted else text

        return PLACEHOLDER.sub(put, template)

    def value(self, template: Any) -> Any:
        """Fill a JSON value; a text that is one placeholder and nothing else becomes the value itself."""
        if isinstance(template, dict):
            return {key: self.value(inner) for key, inner in template.items()}
        if isinstance(template, list):
            return [self.value(inner) for inner in template]
        if not isinstance(template, str):
            return template
        whole = PLACEHOLDER.fullmatch(template)
        return _as_json(self._get(whole[1])) if whole else self.text(template)

    def _get(self, name: str) -> Any:
        if name not in self._values:
            known = ", ".join(sorted(self._values))
            raise ConfigurationError(f"The request of {self._what} uses {{{name}}}; its draws give only {known}.")
        return self._values[name]


def _as_json(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
