"""Compares JSON by structure: trees of "type:digest", and what two answers of one release already differ in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

ANYTHING = "*"
"""Stands for a part of an answer in which two instances of one release differ as a whole."""


def blur(tree: Any, others: list[Any]) -> Any:
    """Take out of an answer what differs in other answers of the same release to the same request.

    A value that differs keeps its type ("string" instead of "string:digest"); a part that differs in structure becomes
    ANYTHING.
    """
    if all(tree == other for other in others):
        return tree
    if len({kind(each) for each in (tree, *others)}) > 1:
        return ANYTHING
    if isinstance(tree, dict):
        if any(tree.keys() != other.keys() for other in others):
            return ANYTHING
        return {key: blur(inner, [other[key] for other in others]) for key, inner in tree.items()}
    if isinstance(tree, list):
        if any(len(tree) != len(other) for other in others):
            return ANYTHING
        return [blur(inner, [other[place] for other in others]) for place, inner in enumerate(tree)]
    return kind(tree)


def blurred(tree: Any, path: str = "") -> Iterator[str]:
    """Yield the paths that `blur` took out."""
    if isinstance(tree, dict):
        for key, inner in tree.items():
            yield from blurred(inner, f"{path}/{_escape(key)}")
    elif isinstance(tree, list):
        for inner in tree:
            yield from blurred(inner, f"{path}/*")
    elif ":" not in tree and tree not in ("null", "empty"):
        yield path or "/"


def differences(legacy: Any, candidate: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield path and kind of every difference between a blurred answer and another one; list places are `*`."""
    if legacy in (candidate, ANYTHING):
        return
    here = path or "/"
    if kind(legacy) != kind(candidate):
        yield here, f"{kind(legacy)} -> {kind(candidate)}"
    elif isinstance(legacy, dict):
        yield from _objects(legacy, candidate, path)
    elif isinstance(legacy, list):
        yield from _lists(legacy, candidate, path)
    elif ":" in legacy:
        yield here, "another value"


def kind(tree: Any) -> str:
    """Return the JSON type of a tree."""
    if isinstance(tree, dict):
        return "object"
    return "array" if isinstance(tree, list) else str(tree).partition(":")[0]


def _objects(legacy: dict[str, Any], candidate: dict[str, Any], path: str) -> Iterator[tuple[str, str]]:
    for key in dict.fromkeys([*legacy, *candidate]):
        below = f"{path}/{_escape(key)}"
        if key not in candidate:
            yield below, "missing"
        elif key not in legacy:
            yield below, "added"
        else:
            yield from differences(legacy[key], candidate[key], below)


def _lists(legacy: list[Any], candidate: list[Any], path: str) -> Iterator[tuple[str, str]]:
    if len(legacy) != len(candidate):
        yield path or "/", "another number of elements"
    elif sorted(map(json.dumps, legacy)) == sorted(map(json.dumps, candidate)):
        yield path or "/", "another order"
    else:
        found = (
            each for one, two in zip(legacy, candidate, strict=True) for each in differences(one, two, f"{path}/*")
        )
        yield from dict.fromkeys(found)


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
