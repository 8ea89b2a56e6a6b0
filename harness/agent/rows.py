"""Writes rows as the release itself may write them: legal, and at the boundaries of every column (the late writes)."""

from __future__ import annotations

import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, models, transaction

from harness.agent.protocol import Report, clean, procedure
from harness.agent.samples.builder import Builder, Values
from harness.agent.samples.muted import muted
from harness.agent.samples.tries import own_models
from harness.agent.samples.uniqueness import own_fields, unique_sets
from harness.agent.samples.values import Sample, boundaries, vary

Chosen = dict[Any, Sample]
_FIRST_NUMBER = 1_000_000
# Rows with the values of others: a rule of uniqueness that is gone is broken by them.
_REPEATS = 2
# The fields of a project may object with whatever exception they like (one opens the file that a text names).
_REFUSALS: tuple[type[Exception], ...] = (Exception,)


@procedure
def write_rows(report: Report, per_model: int = 10, seed: int = 0) -> dict[str, Any]:
    """Write and commit `per_model` rows for every model of the project's own apps, many-to-many tables included.

    Row by row the columns take their boundary values in turn (longest text, NULL, lowest and highest number ...); where
    the database refuses one, the ordinary value stays; the last two repeat rows that are there, but for what has to be
    unique. Returns {"written": [{"model", "table", "columns", "key"}],
    "refused": [{"model", "table", "column", "case", "reason"}]}; `key` are the primary key's values, also of the rows
    of parent models. The same seed writes the same rows to the same database; no handler of a model signal is called.
    """
    writer = Writer(Builder(_FIRST_NUMBER * (seed + 1)))
    chosen = in_order(project_models())
    for number, model in enumerate(chosen):
        report(model._meta.label, number, len(chosen))
        writer.write(model, per_model)
    return {"written": writer.written, "refused": list(writer.refused.values())}


def project_models() -> list[type[models.Model]]:
    """Return the models of the project's own apps, and the user model wherever it lives."""
    user = settings.AUTH_USER_MODEL.lower()
    return [model for model in own_models(apps) if _is_own(model) or model._meta.label_lower == user]


def _is_own(model: type[models.Model]) -> bool:
    """Tell whether the code of a model's app is the project's."""
    return is_own_app(model._meta.app_label)


def is_own_app(label: str) -> bool:
    """Tell whether the code of an app is the project's, not an installed package."""
    folder = Path(apps.get_app_config(label).path).resolve()
    installed = {Path(path).resolve() for name, path in sysconfig.get_paths().items() if name in ("purelib", "platlib")}
    return not any(folder.is_relative_to(path) for path in installed)


def in_order(chosen: list[type[models.Model]]) -> list[type[models.Model]]:
    """Put models behind those that their foreign keys point at, as far as there is no circle."""
    ordered: list[type[models.Model]] = []

    def place(model: type[models.Model], above: tuple[type[models.Model], ...]) -> None:
        for field in model._meta.concrete_fields:
            target: Any = field.remote_field.model if field.remote_field else None
            if target in chosen and target not in above and target is not model:
                place(target, (*above, model))
        if model not in ordered:
            ordered.append(model)

    for model in chosen:
        place(model, ())
    return ordered


class Writer:
    """Writes rows and keeps account of what was written and what was refused."""

    def __init__(self, builder: Builder) -> None:
        self.written: list[dict[str, Any]] = []
        self.refused: dict[tuple[str, str, str], dict[str, str]] = {}
        self._builder = builder

    def write(self, model: type[models.Model], count: int) -> None:
        """Write and commit `count` rows of a model."""
        samples = {field: boundaries(field) for field in own_fields(model)}
        unique = {field.attname for fields in unique_sets(model) for field in fields}
        # A pair of a many-to-many table is always unique: a repeated one would be another pair.
        repeats = 0 if model._meta.auto_created else _REPEATS
        for number in range(count):
            if number >= max(count - repeats, repeats) and self._repeat(model, count - 1 - number):
                continue
            chosen = {
                field: each[turn] for field, each in samples.items() if (turn := number % (len(each) + 1)) < len(each)
            }
            for field in [field for field in chosen if field.attname in unique]:
                chosen[field] = (chosen[field][0], vary(chosen[field][1], self._builder.number + 1))
            with muted(), transaction.atomic(using=DEFAULT_DB_ALIAS):
                self._write_row(model, chosen)
            self._note()

    def _repeat(self, model: type[models.Model], skip: int) -> bool:
        """Write a row with the values of one that is there, where none has to be unique; tell whether it was taken."""
        with muted(), transaction.atomic(using=DEFAULT_DB_ALIAS):
            values, _ = self._attempt(lambda: self._copied(model, skip))
            taken = values is not None and self._insert(model, values) is None
        self._note()
        return taken

    def _write_row(self, model: type[models.Model], chosen: Chosen) -> None:
        """Insert a row with all chosen values, else with those that are accepted one by one."""
        reason: Exception | None = None
        for make in (self._ordinary, self._ordinary, self._copied):
            base, refusal = self._attempt(lambda make=make: make(model))  # type: ignore[misc]
            reason = reason or refusal
            if base is None:
                continue
            wanted = {field.attname: value for field, (_, value) in chosen.items()}
            if self._insert(model, {**base, **wanted}) is None:
                return
            refusal = self._insert(model, base, keep=False)
            if refusal is None:
                self._insert_piecemeal(model, base, chosen)
                return
            reason = reason or refusal
        self._refuse(model, "", "any row", reason)

    def _insert_piecemeal(self, model: type[models.Model], base: Values, chosen: Chosen) -> None:
        for field, (case, value) in chosen.items():
            changed = {**base, field.attname: value}
            refusal = self._insert(model, changed, keep=False)
            if refusal is None:
                base = changed
            else:
                self._refuse(model, field.column, case, refusal)
        self._insert(model, base)

    def _ordinary(self, model: type[models.Model]) -> Values:
        return self._builder.ordinary(model)

    def _copied(self, model: type[models.Model], skip: int = 0) -> Values | None:
        example = self._builder.example(model, skip)
        return self._builder.copied(model, example) if example else None

    def _insert(self, model: type[models.Model], values: Values, *, keep: bool = True) -> Exception | None:
        """Insert a row and return what was objected; with `keep` false it is taken back again."""
        return self._attempt(lambda: self._builder.insert(model, values), keep=keep)[1]

    def _attempt(self, act: Callable[[], Any], *, keep: bool = True) -> tuple[Any, Exception | None]:
        """Do something in a savepoint, checking what would be checked at commit; return its result or the refusal."""
        before = len(self._builder.inserted)
        try:
            with transaction.atomic(using=DEFAULT_DB_ALIAS):
                result = act()
                if connection.vendor == "postgresql":
                    connection.check_constraints()
                if not keep:
                    transaction.set_rollback(True, using=DEFAULT_DB_ALIAS)
        except _REFUSALS as error:
            del self._builder.inserted[before:]
            return None, error
        if not keep:
            del self._builder.inserted[before:]
        return result, None

    def _note(self) -> None:
        """Note the rows that were committed, those that foreign keys needed included."""
        for row in self._builder.inserted:
            for model in (type(row), *type(row)._meta.get_parent_list()):
                fields: Any = getattr(model._meta, "pk_fields", [model._meta.pk])
                self.written.append(
                    {
                        "model": model._meta.label,
                        "table": model._meta.db_table,
                        "columns": [field.column for field in fields],
                        "key": [_as_json(getattr(row, field.attname)) for field in fields],
                    }
                )
        self._builder.inserted.clear()

    def _refuse(self, model: type[models.Model], column: str, case: str, reason: Exception | None) -> None:
        table = model._meta.db_table
        said = clean(reason) if reason else "no existing row to take as an example"
        self.refused.setdefault(
            (table, column, case),
            {"model": model._meta.label, "table": table, "column": column, "case": case, "reason": said},
        )


def _as_json(value: Any) -> Any:
    return value if isinstance(value, int | float | str) else str(value)
