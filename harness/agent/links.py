"""How tables of a draw belong together: along foreign keys and many-to-many relations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from harness.agent.views import Model

_PLAIN = re.compile(r"[a-z0-9]*_[a-z0-9_]*|id|pk|slug|uuid|code|number|name")


class Link(NamedTuple):
    """A table to join, and on what."""

    table: str
    condition: str


def name_of(name: str) -> str:
    """Return a name for SQL, in quotes where it could be a reserved word or needs them."""
    return name if _PLAIN.fullmatch(name) else '"' + name.replace('"', '""') + '"'


def linked(models: list[Model]) -> list[Link] | None:
    """Return how to join the other models to the first one, None where one has no relation to those before it."""
    links: list[Link] = []
    joined, left = models[:1], models[1:]
    while left:
        found = next(((model, way) for model in left for other in joined for way in _ways(model, other)), None)
        if found is None:
            return None
        links += found[1]
        joined.append(found[0])
        left.remove(found[0])
    return links


def _ways(model: Model, other: Model) -> Iterator[list[Link]]:
    """Yield ways to join a model to another one that is there already."""
    table = model._meta.db_table
    for field in _keys(model, other):
        yield [Link(table, f"{_column(model, field.column)} = {_target(other, field)}")]
    for field in _keys(other, model):
        yield [Link(table, f"{_column(other, field.column)} = {_target(model, field)}")]
    for field in [each for each in model._meta.local_many_to_many if each.related_model is other]:
        yield _through(field, model, other, field.m2m_column_name(), field.m2m_reverse_name(), table)
    for field in [each for each in other._meta.local_many_to_many if each.related_model is model]:
        yield _through(field, model, other, field.m2m_reverse_name(), field.m2m_column_name(), table)


def _through(field: Any, model: Model, other: Model, to_model: str, to_other: str, table: str) -> list[Link]:
    through: Any = field.remote_field.through
    return [
        Link(through._meta.db_table, f"{_column(through, to_other)} = {_key(other)}"),
        Link(table, f"{_column(through, to_model)} = {_key(model)}"),
    ]


def _keys(source: Model, target: Model) -> list[Any]:
    """Return the foreign keys of a model that lead to another one, or to what that inherits from."""
    fields: Any = source._meta.local_concrete_fields
    return [each for each in fields if each.remote_field and issubclass(target, each.related_model)]


def _target(model: Model, field: Any) -> str:
    same = field.related_model is model
    return _column(model, field.target_field.column) if same else _key(model)


def _key(model: Model) -> str:
    pk: Any = model._meta.pk
    return _column(model, pk.column)


def _column(model: Model, column: str) -> str:
    return f"{name_of(model._meta.db_table)}.{name_of(column)}"
