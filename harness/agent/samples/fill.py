"""Fills empty tables through the models of a state, so that operations have rows to work on."""

from __future__ import annotations

from typing import Any

from django.db import DEFAULT_DB_ALIAS, Error, models, transaction

from harness.agent.samples.builder import Builder
from harness.agent.samples.muted import muted
from harness.agent.samples.uniqueness import own_fields
from harness.agent.samples.values import NoSample

_REFUSALS: tuple[type[Exception], ...] = (Error, NoSample, ValueError, TypeError, OverflowError)
_ENOUGH_REFUSALS = 5


def fill(chosen: list[type[models.Model]], rows: int, number: int) -> dict[str, int]:
    """Write `rows` rows into the table of each model that has none, every other one with NULL where that is allowed.

    Returns how many rows were written, by table; where the database accepts fewer, fewer. Numbers of rows start at
    `number`, so that unique values do not repeat those of other rows.
    """
    builder = Builder(number)
    written = {}
    with muted():
        for model in chosen:
            if not _is_empty(model):
                continue
            written[model._meta.db_table] = _fill(builder, model, rows)
    return written


def _is_empty(model: type[models.Model]) -> bool:
    try:
        with transaction.atomic(using=DEFAULT_DB_ALIAS):
            return not model._base_manager.using(DEFAULT_DB_ALIAS).order_by().exists()
    except Error:
        return False


def _fill(builder: Builder, model: type[models.Model], rows: int) -> int:
    if not model._meta.parents:
        try:
            with transaction.atomic(using=DEFAULT_DB_ALIAS):
                made = [model(**_values(builder, model, turn)) for turn in range(rows)]
                model._base_manager.using(DEFAULT_DB_ALIAS).bulk_create(made, batch_size=500)
                return rows
        except _REFUSALS:
            pass
    return _one_by_one(builder, model, rows)


def _one_by_one(builder: Builder, model: type[models.Model], rows: int) -> int:
    done = refused = 0
    for turn in range(rows):
        try:
            with transaction.atomic(using=DEFAULT_DB_ALIAS):
                builder.insert(model, _values(builder, model, turn))
            done += 1
        except _REFUSALS:
            refused += 1
            if refused >= _ENOUGH_REFUSALS and not done:
                break
    builder.inserted.clear()
    return done


def _values(builder: Builder, model: type[models.Model], turn: int) -> dict[str, Any]:
    values = builder.ordinary(model)
    if turn % 2:
        nullable = [field for field in own_fields(model) if field.null and not field.primary_key]
        values.update({field.attname: None for field in nullable})
    return values
