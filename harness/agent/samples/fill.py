"""Fills empty tables through the models of a state, so that operations have rows to work on."""

from __future__ import annotations

from typing import Any

from django.db import DEFAULT_DB_ALIAS, Error, models, transaction

from harness.agent.samples.builder import Builder
from harness.agent.samples.muted import muted
from harness.agent.samples.uniqueness import own_fields, unique_sets

# The fields of a project may object with whatever exception they like.
_REFUSALS: tuple[type[Exception], ...] = (Exception,)
_ENOUGH_REFUSALS, _MOST_TARGETS = 5, 100


def fill(chosen: list[type[models.Model]], rows: int, number: int, *, plain: bool = False) -> dict[str, int]:
    """Fill the table of each model up to `rows` rows, every other one with NULL where that is allowed.

    With `plain` nothing is NULL, and a text that has a default or may be blank is left at that.

    Returns how many rows are there now, by table; where the database accepts fewer, fewer. Numbers of rows start at
    `number`, so that unique values do not repeat those of other rows.
    """
    there = {}
    with muted():
        for model in chosen:
            found = _count(model, rows)
            if found < rows:
                found += _Filler(Builder(number), model, plain).fill(rows - found)
                number += 10 * rows
            there[model._meta.db_table] = found
    return there


def without(chosen: list[type[models.Model]], tables: set[str]) -> list[type[models.Model]]:
    """Leave out the models of these tables, and those whose rows need a row there."""
    left_out = {model for model in chosen if model._meta.db_table in tables}
    while more := {model for model in chosen if model not in left_out and _needs(model) & left_out}:
        left_out |= more
    return [model for model in chosen if model not in left_out]


def _needs(model: type[models.Model]) -> set[Any]:
    keys: list[Any] = [field for field in model._meta.concrete_fields if field.remote_field and not field.null]
    return {field.remote_field.model for field in keys}


def _count(model: type[models.Model], most: int) -> int:
    """Count the rows of a table, up to `most`; one that cannot be read counts as full."""
    try:
        with transaction.atomic(using=DEFAULT_DB_ALIAS):
            return model._base_manager.using(DEFAULT_DB_ALIAS).order_by()[:most].count()
    except Error:
        return most


class _Filler:
    """Fills one table; foreign keys are spread over the rows that they may point at, as far as nothing is unique."""

    def __init__(self, builder: Builder, model: type[models.Model], plain: bool) -> None:
        self._builder = builder
        self._model = model
        unique = {field.attname for fields in unique_sets(model) for field in fields}
        keys = [field for field in own_fields(model) if field.remote_field and field.attname not in unique]
        self._plain = (
            {each.attname: value for each in self._optional(unique) for value in _left(each)} if plain else None
        )
        self._targets = {field.attname: targets for field in keys if (targets := _targets(field))}
        self._pairs = (
            [(field.attname, _targets(field)) for field in own_fields(model)] if model._meta.auto_created else []
        )

    def _optional(self, unique: set[str]) -> list[Any]:
        fields = own_fields(self._model)
        return [each for each in fields if not (each.remote_field or each.primary_key or each.attname in unique)]

    def fill(self, rows: int) -> int:
        """Write rows at once, or one by one where that is refused; returns how many there are."""
        if not self._model._meta.parents:
            try:
                with transaction.atomic(using=DEFAULT_DB_ALIAS):
                    made = [self._model(**self._values(turn)) for turn in range(rows)]
                    self._model._base_manager.using(DEFAULT_DB_ALIAS).bulk_create(made, batch_size=500)
                    return rows
            except _REFUSALS:
                self._builder.inserted.clear()
        # Where even the first rows are refused, a field may want more than a value (one reads the file that it names).
        return self._one_by_one(rows) or (0 if self._model._meta.parents else self._one_by_one(rows, raw=True))

    def _accepts_one(self) -> bool:
        try:
            with transaction.atomic(using=DEFAULT_DB_ALIAS):
                self._builder.insert(self._model, self._values(0))
                transaction.set_rollback(True, using=DEFAULT_DB_ALIAS)
        except _REFUSALS:
            return False
        return True

    def _one_by_one(self, rows: int, *, raw: bool = False) -> int:
        done = refused = 0
        for turn in range(rows):
            try:
                with transaction.atomic(using=DEFAULT_DB_ALIAS):
                    self._builder.insert(self._model, self._values(turn), raw=raw)
                done += 1
            except _REFUSALS:
                refused += 1
                if refused >= _ENOUGH_REFUSALS and not done:
                    break
        return done

    def _values(self, turn: int) -> dict[str, Any]:
        if self._pairs and all(targets for _, targets in self._pairs):
            # A table of a many-to-many field: no pair may come twice.
            (first, firsts), (second, seconds) = self._pairs
            chosen_first, turn = firsts[turn % len(firsts)], turn // len(firsts)
            return {first: chosen_first, second: seconds[turn % len(seconds)]}
        chosen = {name: targets[turn % len(targets)] for name, targets in self._targets.items()}
        values = self._builder.ordinary(self._model, chosen)
        if self._plain is not None:
            return {**values, **self._plain}
        if turn % 2:
            nullable = [field for field in own_fields(self._model) if field.null and not field.primary_key]
            values.update({field.attname: None for field in nullable})
        return values


def _left(field: Any) -> list[Any]:
    """Return, as a list, what an optional text without choices is when left alone; of other fields an empty list."""
    is_text = isinstance(field, models.CharField | models.TextField) and not field.choices
    if not is_text or not (field.has_default() or field.blank or field.null):
        return []
    value = field.get_default()
    return [] if value is None and not field.null else [value]


def _targets(field: Any) -> list[Any]:
    """Return the keys of some rows that a foreign key may point at."""
    name = field.target_field.attname
    rows = field.remote_field.model._base_manager.using(DEFAULT_DB_ALIAS).order_by("pk")
    try:
        with transaction.atomic(using=DEFAULT_DB_ALIAS):
            return list(rows.values_list(name, flat=True)[:_MOST_TARGETS])
    except Error:
        return []
