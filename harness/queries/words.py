"""A captured statement in words: how often, what, from where, through which relation, what to write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def at_most(limit: int) -> str:
    """Return a budget in words."""
    return f"at most {limit} {'is' if limit == 1 else 'are'} allowed"


def tell(each: dict[str, Any], prefix: str) -> Iterator[str]:
    """Yield the lines of one statement: text, call path from the inside out, relation, advice."""
    where = "" if each["database"] == "default" else f"  [database {each['database']}]"
    yield f"  {prefix}{each['sql']}{where}"
    for depth, place in enumerate(each["path"]):
        yield f"      {'    ' if depth else 'from'} {at(place)}"
    if each["relation"]:
        yield f"      through {each['relation']}"
    for unserved in each.get("unindexed", []):
        yield f"      no index serves the filter on {unserved['table']} ({', '.join(unserved['columns'])})"
    if each["benign"] and each["kind"] != "transactions" and each["count"] > 1:
        yield "      Django splits one operation into batches"
    elif each["advice"]:
        yield f"      write: {each['advice']['text']}"


def at(place: dict[str, Any]) -> str:
    """Return a place as "file:line in function"."""
    what = "(template)" if place["function"] == "template" else f"in {place['function']}"
    return f"{place['file']}:{place['line']} {what}"
