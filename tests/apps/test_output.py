"""Serializers that only show do it as the framework's own do."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from types import SimpleNamespace

import pytest
from rest_framework import serializers

from core.output import Output


class Part(Output):
    number = serializers.IntegerField()


class Whole(Output):
    number = serializers.IntegerField()
    word = serializers.CharField(source="label")
    yes = serializers.BooleanField()
    points = serializers.DecimalField(max_digits=6, decimal_places=2)
    when = serializers.DateTimeField()
    day = serializers.DateField()
    part = Part()
    parts = Part(many=True)
    keys = serializers.ListField(child=serializers.IntegerField())
    inner = serializers.IntegerField(source="part.number")
    method = serializers.SerializerMethodField()

    def get_method(self, whole):
        return 7


class Framework(Whole):
    """The same fields, shown by the framework."""

    part = serializers.DictField(source="part.__dict__")
    parts = serializers.SerializerMethodField()

    def get_parts(self, whole):
        return [part.__dict__ for part in whole.parts]

    def to_representation(self, instance):
        return serializers.Serializer.to_representation(self, instance)


def whole(**values):
    moment = datetime(2026, 3, 1, 8, 30, 0, 120, UTC)
    given = {"number": 1, "label": "ä", "yes": True, "points": Decimal("7.5"), "when": moment, "day": moment.date()}
    return SimpleNamespace(**given | {"part": part(2), "parts": [part(3), part(4)], "keys": [5, 6]} | values)


def part(number):
    return SimpleNamespace(number=number)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"points": Decimal("0.125")},
        {"points": Decimal("1E+1")},
        {"points": Decimal("-0.00")},
        {"points": 3},
        {"points": 7.5},
        {"when": datetime(2026, 3, 1, tzinfo=UTC)},
        {"when": datetime(2026, 3, 1, 2, tzinfo=timezone(timedelta(hours=2)))},
        {"number": None, "label": None, "yes": None, "points": None, "when": None, "day": None},
        {"yes": 0, "number": True},
        {"parts": [], "keys": []},
    ],
    ids=str,
)
def test_every_field_is_shown_as_the_framework_shows_it(values):
    shown = Whole(whole(**values)).data
    assert shown == Framework(whole(**values)).data
    assert list(shown) == list(Whole().fields)


def test_dictionaries_are_shown_too():
    assert Part([{"number": 1}, part(2)], many=True).data == [{"number": 1}, {"number": 2}]


def test_what_is_missing_is_an_error():
    with pytest.raises(AttributeError):
        Part(SimpleNamespace()).data  # noqa: B018
    with pytest.raises(KeyError):
        Part({}).data  # noqa: B018
