"""Which fields of a model must differ from row to row."""

from __future__ import annotations

from typing import Any

from django.db import models


def unique_sets(model: type[models.Model]) -> list[list[Any]]:
    """Return the sets of concrete fields that are unique together, inherited ones too; one field is a set of one."""
    found: list[list[Any]] = [[field] for field in own_fields(model) if field.unique]
    for kind in [model, *model._meta.get_parent_list()]:
        options: Any = kind._meta
        named = [list(names) for names in options.unique_together]
        constraints = [each for each in options.constraints if isinstance(each, models.UniqueConstraint)]
        named += [list(each.fields) or _referenced(each) for each in constraints]
        found += [[options.get_field(name) for name in names] for names in named if names]
    return found


def own_fields(model: type[models.Model]) -> list[Any]:
    """Return the fields that somebody who inserts a row has to fill: no serial keys, parent links, computed ones."""
    return [field for field in model._meta.concrete_fields if not _is_filled(field)]


def _is_filled(field: Any) -> bool:
    is_link = bool(field.remote_field and getattr(field.remote_field, "parent_link", False))
    return isinstance(field, models.AutoField) or is_link or bool(getattr(field, "generated", False))


def _referenced(constraint: Any) -> list[str]:
    """Return the fields that the expressions of a constraint name."""
    found: list[str] = []
    for expression in constraint.expressions:
        nodes: list[Any] = [expression] if isinstance(expression, models.F) else list(expression.flatten())
        found += [str(getattr(node, "name", "")) for node in nodes if isinstance(node, models.F)]
    return found
