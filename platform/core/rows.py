"""Lists that come from the database as rows: no object is made for what is only shown."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Any

from rest_framework.serializers import Field

from core.output import Output, Shower, converter


@dataclass(frozen=True)
class Rule:
    """How a field that is no column follows from columns; `Output.rules` names them by field."""

    function: Callable[..., Any]
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Reader:
    """The columns that a serializer shows, as `values_list` takes them, and what shows a row of them."""

    columns: tuple[str, ...]
    show: Shower


@cache
def reader(output: type[Output]) -> Reader:
    """How a serializer reads rows instead of objects."""
    columns: list[str] = []
    show = _shower(output, "", columns)
    return Reader(tuple(columns), show)


def _shower(output: type[Output], prefix: str, columns: list[str]) -> Shower:
    """What shows the part of a row whose columns begin with the prefix; it adds those to the columns."""
    parts = tuple((name, _part(output, field, prefix, columns)) for name, field in output().fields.items())
    return lambda row: {name: part(row) for name, part in parts}


def _part(output: type[Output], field: Field, prefix: str, columns: list[str]) -> Shower:
    """What shows one field of a row."""
    rule = output.rules.get(field.field_name)
    if rule is not None:
        places = _places(columns, (prefix + column for column in rule.columns))
        return _followed(rule.function, places, converter(field))
    if isinstance(field, Output):
        first = len(columns)
        inner = _shower(type(field), f"{prefix}{field.source}__", columns)
        return lambda row: None if row[first] is None else inner(row)
    (place,) = _places(columns, [prefix + field.source.replace(".", "__")])
    convert = converter(field)
    if convert in (int, str):  # as the database returns them
        return itemgetter(place)
    return lambda row: None if row[place] is None else convert(row[place])


def _followed(function: Callable[..., Any], places: list[int], convert: Shower) -> Shower:
    def show(row: Any) -> Any:
        value = function(*(row[place] for place in places))
        return None if value is None else convert(value)

    return show


def _places(columns: list[str], names: Iterable[str]) -> list[int]:
    """Where the columns stand in a row; new ones are added."""
    places = []
    for name in names:
        if name not in columns:
            columns.append(name)
        places.append(columns.index(name))
    return places
