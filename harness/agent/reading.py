"""Reads rows through the models of this release: does it understand what another release wrote?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, Error, models, transaction

from harness.agent.protocol import Report, procedure
from harness.agent.samples.tries import own_models

CHUNK = 500
UNREADABLE = "cannot be loaded"
UNKNOWN = "holds a value that is none of the choices"


@procedure
def read_rows(report: Report, keys: dict[str, list[Any]]) -> dict[str, Any]:
    """Read rows by table and primary key; keys that are not there any more are left out.

    Returns {"read": rows, "failures": [{"table", "column", "case", "rows"}]}: rows that the model cannot load, and
    values that the choices of a field do not know. No value is returned.
    """
    read, failures = 0, Counter[tuple[str, str, str]]()
    found = [model for model in own_models(apps) if model._meta.db_table in keys]
    for number, model in enumerate(found):
        report(model._meta.label, number, len(found))
        for row in _load(model, keys[model._meta.db_table]):
            read += 1
            failures.update((model._meta.db_table, *case) for case in _objections(row))
    named = [
        {"table": table, "column": column, "case": case, "rows": rows}
        for (table, column, case), rows in failures.items()
    ]
    return {"read": read, "failures": named}


def _load(model: type[models.Model], keys: list[Any]) -> Iterator[models.Model | None]:
    """Yield the rows; None for each that cannot be loaded."""
    for start in range(0, len(keys), CHUNK):
        chunk = keys[start : start + CHUNK]
        rows = _fetch(model, chunk)
        if rows is None:
            singly = (_fetch(model, [key]) for key in chunk)
            yield from (row for one in singly for row in ([None] if one is None else one))
        else:
            yield from rows


def _fetch(model: type[models.Model], keys: list[Any]) -> list[models.Model] | None:
    try:
        with transaction.atomic(using=DEFAULT_DB_ALIAS):
            return list(model._base_manager.using(DEFAULT_DB_ALIAS).filter(pk__in=keys))
    except (Error, ValueError, TypeError, ArithmeticError):
        return None


def _objections(row: models.Model | None) -> Iterator[tuple[str, str]]:
    if row is None:
        yield "", UNREADABLE
        return
    for field in row._meta.concrete_fields:
        known = {value for value, _ in getattr(field, "flatchoices", ())}
        value = getattr(row, field.attname)
        if known and value not in known and value not in field.empty_values:
            yield field.column or "", UNKNOWN
