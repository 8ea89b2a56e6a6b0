"""Describes an operation in source form, so that its safe form can be written for this very operation."""

from __future__ import annotations

import inspect
from typing import Any

from django.db.migrations.operations.base import Operation
from django.db.migrations.writer import MigrationWriter

_LONGEST = 2000


def details(operation: Operation) -> dict[str, str]:
    """Return the arguments of an operation by name: text as it is, anything else as Python source."""
    try:
        _, arguments, named = operation.deconstruct()
        if arguments:
            named = {**dict(zip(_parameters(operation), arguments, strict=False)), **named}
    except Exception:  # noqa: BLE001 - a custom operation may deconstruct itself as it likes
        return {}
    return {name: text for name, value in named.items() if (text := _source(value))}


def _parameters(operation: Operation) -> list[str]:
    """Return the names of the constructor's arguments, as far as they have names."""
    return [name for name in inspect.signature(type(operation).__init__).parameters if name != "self"]


def _source(value: Any) -> str:
    """Return a value as source, "" where Django cannot write it (a function of a custom operation ...)."""
    if isinstance(value, str):
        return value[:_LONGEST]
    try:
        return str(MigrationWriter.serialize(value)[0])[:_LONGEST]
    except (AttributeError, ImportError, TypeError, ValueError):
        return ""
