"""Reads, inserts and updates through a model with ordinary and boundary values; everything is rolled back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from django.db import DEFAULT_DB_ALIAS, Error, connection, models, router, transaction

from harness.agent.facts import words
from harness.agent.protocol import clean
from harness.agent.samples.builder import Builder, Values
from harness.agent.samples.muted import muted
from harness.agent.samples.uniqueness import own_fields, unique_sets
from harness.agent.samples.values import Sample, boundaries

_NAMED = re.compile(r'column "?(?:\w+"?\."?)?(\w+)"?|no such column: (?:\w+\.)?(\w+)')
Key = tuple[str, str, str, str]


@dataclass(frozen=True)
class Failure:
    """A try that the database refused: `column` is the culprit, `case` names the value; the reason holds no values."""

    model: str
    table: str
    verb: str
    column: str
    case: str
    reason: str
    sqlstate: str
    constraint: str

    def to_json(self) -> dict[str, str]:
        """Return it as JSON types."""
        return asdict(self)


class Tries:
    """The tries of one model: `failures` by (model, verb, column, case), `tried` counts all."""

    def __init__(self, model: type[models.Model]) -> None:
        self.tried = 0
        self.failures: dict[Key, Failure] = {}
        self._model = model
        self._builder = Builder()
        self._boundaries = True

    def run(self, *, boundaries: bool = True) -> Tries:
        """Try everything, or only ordinary rows without `boundaries`."""
        self._boundaries = boundaries
        with muted(), transaction.atomic(using=DEFAULT_DB_ALIAS):
            try:
                self._try("read", "", "some rows", lambda: list(_rows(self._model).order_by("pk")[:10]))
                self._insert()
                self._update()
            finally:
                transaction.set_rollback(True, using=DEFAULT_DB_ALIAS)
        return self

    def _insert(self) -> None:
        example = self._example()
        ordinary = self._values(lambda: self._builder.ordinary(self._model, example))
        copied = None
        if example is not None:
            copied = self._values(lambda: self._builder.copied(self._model, example))
        bases = [("ordinary row", ordinary), ("row with values that another row has", copied)]
        # A model that has nothing but a serial key has no values, and rows nevertheless.
        works = [values for case, values in bases if values is not None and self._try_insert("", case, values)]
        defaulted = {field.attname for field in own_fields(self._model) if _has_db_default(field)}
        if works and defaulted:
            without = {name: value for name, value in works[0].items() if name not in defaulted}
            self._try_insert("", "defaults of the database", without)
        for field in own_fields(self._model) if works else []:
            for case, value in self._extremes(field):
                self._try_insert(field.column, case, {**works[0], field.attname: value})

    def _update(self) -> None:
        rows = _rows(self._model).order_by("pk")
        fields = [field for field in own_fields(self._model) if not field.primary_key]
        keys = self._attempt(lambda: list(rows.values_list("pk", flat=True)[:1]))
        if keys is None and fields:
            self._try("update", "", "any row", lambda: rows.update(**{fields[0].name: models.F(fields[0].name)}))
        if keys:
            self._update_row(rows.filter(pk=keys[0]), fields)

    def _update_row(self, row: Any, fields: list[Any]) -> None:
        example, other = self._example(), self._example(1)
        if example:
            self._try("update", "", "the same values", lambda: row.update(**_named(fields, example)))
        if example and other:
            taken = {field.attname for unique in unique_sets(self._model) for field in unique}
            free = [field for field in fields if not field.remote_field and field.attname not in taken]
            shared = {**example, **{field.attname: other[field.attname] for field in free}}
            self._try("update", "", "values that another row has", lambda: row.update(**_named(free, shared)))
        for field in fields:
            for case, value in self._extremes(field):
                self._try("update", field.column, case, partial(row.update, **{field.name: value}))

    def _extremes(self, field: Any) -> list[Sample]:
        return boundaries(field) if self._boundaries else []

    def _example(self, skip: int = 0) -> Values | None:
        found: Values | None = self._attempt(lambda: self._builder.example(self._model, skip))
        return found

    def _values(self, make: Callable[[], Values]) -> Values | None:
        """Return values, or None where even they cannot be made (their tries are then not made either)."""
        found: Values | None = self._attempt(make, keep=True)
        return found

    def _attempt(self, make: Callable[[], Any], *, keep: bool = False) -> Any:
        try:
            with transaction.atomic(using=DEFAULT_DB_ALIAS):
                return make()
        except Exception as error:  # noqa: BLE001 - a project's field may object with whatever it likes
            # What a parent cannot do is told where the parent is tried.
            if keep and isinstance(error, Error) and self._is_own(error):
                self._fail("insert", "", "a row that it points at", error)
            return None

    def _is_own(self, error: Error) -> bool:
        """Tell whether a refusal is about the model's own table, as far as the database names one."""
        own = self._model._meta.db_table
        if words.sqlstate(error) == "42P01":  # a table that is gone has no name but in the message
            return own in str(error)
        return getattr(getattr(error.__cause__, "diag", None), "table_name", None) in (None, own)

    def _try_insert(self, column: str, case: str, values: Values) -> bool:
        return self._try("insert", column, case, lambda: self._builder.insert(self._model, values))

    def _try(self, verb: str, column: str, case: str, act: Callable[[], Any]) -> bool:
        self.tried += 1
        try:
            with _undone():
                act()
        except Exception as error:  # noqa: BLE001 - a project's field may object with whatever it likes
            self._fail(verb, column, case, error)
            return False
        return True

    def _fail(self, verb: str, column: str, case: str, error: Exception) -> None:
        diagnosis = getattr(error.__cause__, "diag", None)
        named = _NAMED.search(clean(error))
        culprit = getattr(diagnosis, "column_name", None) or (named and (named[1] or named[2])) or column
        failure = Failure(
            model=self._model._meta.label,
            table=self._model._meta.db_table,
            verb=verb,
            column=culprit,
            case=case,
            reason=clean(error),
            sqlstate=words.sqlstate(error),
            constraint=getattr(diagnosis, "constraint_name", None) or "",
        )
        self.failures[failure.model, verb, column, case] = failure


def own_models(registry: Any, *, existing: bool = True) -> list[type[models.Model]]:
    """Return the managed concrete models of an app registry, those of many-to-many fields too.

    Those that a router keeps for another database are left out; with `existing` those whose table is not there too.
    """
    found = [model for model in registry.get_models(include_auto_created=True) if _has_table(model) and is_here(model)]
    tables = set(connection.introspection.table_names()) if existing else set()
    return [model for model in found if not existing or model._meta.db_table in tables]


def is_here(model: type[models.Model]) -> bool:
    """Tell whether the routers let a model's table be in the database that is rehearsed."""
    return bool(router.allow_migrate_model(DEFAULT_DB_ALIAS, model))


def _has_table(model: type[models.Model]) -> bool:
    options = model._meta
    return bool(options.managed and not options.proxy and not options.swapped and options.app_label != "migrations")


def distinct(failures: list[Failure]) -> list[Failure]:
    """Leave out failures that repeat another one: the same model, verb, cause and culprit with a different value."""
    seen: dict[tuple[str, ...], Failure] = {}
    # A whole row that fails for the reason for which one of its columns does repeats it, and does not name the column.
    named = {(each.model, each.verb, each.reason) for each in failures if each.column}
    for each in failures:
        if not (each.column or each.constraint) and (each.model, each.verb, each.reason) in named:
            continue
        seen.setdefault((each.model, each.verb, each.sqlstate, each.constraint or each.column), each)
    return list(seen.values())


def _has_db_default(field: Any) -> bool:
    """Tell whether the database fills a field in that the code leaves out (Django 5 and newer)."""
    none = models.fields.NOT_PROVIDED
    return getattr(field, "db_default", none) is not none and not field.has_default()


def _rows(model: type[models.Model]) -> Any:
    return model._base_manager.using(DEFAULT_DB_ALIAS)


def _named(fields: list[Any], values: Values) -> Values:
    return {field.name: values[field.attname] for field in fields}


@contextmanager
def _undone() -> Iterator[None]:
    """Run a try in a savepoint, check what would be checked at commit, and take it back."""
    with transaction.atomic(using=DEFAULT_DB_ALIAS):
        yield
        if connection.vendor == "postgresql":
            connection.check_constraints()
        transaction.set_rollback(True, using=DEFAULT_DB_ALIAS)
