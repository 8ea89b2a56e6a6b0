"""Serializers that only show, and so read every field in one step."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any, Final

from django.db.models.manager import BaseManager
from rest_framework import serializers

if TYPE_CHECKING:
    from core.rows import Rule

Shower = Callable[[Any], Any]
PLAIN: Final[dict[type[serializers.Field], Shower]] = {
    serializers.BooleanField: bool,
    serializers.CharField: str,
    serializers.EmailField: str,
    serializers.IntegerField: int,
}


class Output(serializers.Serializer):
    """Shows objects as the framework's serializer does, field by field, without asking again what each field is.

    What it does with a class is found out once. It has no context, and its values have their field's type already.
    Where a list is read as rows, `rules` says which of its fields follow from columns (`core.rows`).
    """

    rules: "Mapping[str, Rule]" = {}

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """The object, or the dictionary, as JSON types, in the order of the fields."""
        shown: dict[str, Any] = shower(type(self))(instance)
        return shown


@cache
def shower(serializer: type[Output]) -> Shower:
    """What shows the objects of this serializer."""
    of_objects, of_dictionaries = (tuple(_readers(serializer(), getter)) for getter in (attrgetter, itemgetter))

    def show(instance: Any) -> dict[str, Any]:
        shown = {}
        for name, read, convert in of_dictionaries if isinstance(instance, dict) else of_objects:
            value = read(instance)
            shown[name] = None if value is None else convert(value)
        return shown

    return show


def _readers(serializer: Output, getter: Callable[[str], Shower]) -> Iterator[tuple[str, Shower, Shower]]:
    """The name of every field, what gets its value, and what makes that JSON."""
    for name, field in serializer.fields.items():
        yield name, (lambda whole: whole) if field.source == "*" else getter(field.source), converter(field)


def converter(field: serializers.Field) -> Shower:
    """What turns values of a field into JSON types: the field itself where there is no shorter way."""
    if type(field) in PLAIN:
        return PLAIN[type(field)]
    if isinstance(field, serializers.ListSerializer | serializers.ListField):
        each = converter(field.child)
        return lambda values: [each(value) for value in (values.all() if isinstance(values, BaseManager) else values)]
    if isinstance(field, Output):
        return shower(type(field))
    if isinstance(field, serializers.DecimalField):
        return _decimal(field)
    if isinstance(field, serializers.DateTimeField):
        return lambda moment: _moment(moment) or field.to_representation(moment)
    return field.to_representation


def _decimal(field: serializers.DecimalField) -> Shower:
    """Points and the like, with as many places as the field has."""
    places = f".{field.decimal_places}f"
    return lambda value: format(value, places) if isinstance(value, Decimal) else field.to_representation(value)


def _moment(value: datetime) -> str | None:
    """A moment in UTC, which is what a database returns; None for others."""
    return value.isoformat()[:-6] + "Z" if value.tzinfo is UTC else None
