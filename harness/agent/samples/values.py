"""Values of a model field: ordinary distinct ones, and those at its boundaries."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection, models

LONG_TEXT = 10_000
_LETTERS = "Zoë 漢字✓ñß🙂"
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
# Years that no time zone moves out of Python's range.
_FIRST_YEAR, _LAST_YEAR = 2, 9998
_NULL = ("null", None)
Sample = tuple[str, Any]


class NoSample(Exception):  # noqa: N818
    """Raised when no value of a field's type is known."""


def boundaries(field: Any) -> list[Sample]:
    """Return the boundary values that a field's own validators accept, as (case, value): longest, null, extreme ..."""
    found = [_NULL] if field.null and not field.primary_key else []
    if field.choices:
        return [*found, ("last choice", [value for value, _ in field.flatchoices][-1])]
    return [*found, *((case, value) for case, value in _extremes(field) if accepts(field, value))]


def accepts(field: Any, value: Any) -> bool:
    """Tell whether a field's validators let a value pass."""
    try:
        field.run_validators(value)
    except Exception:  # noqa: BLE001 - a project's own validator may raise whatever it likes
        return False
    return True


def ordinary(field: Any, number: int) -> Any:
    """Return the `number`-th distinct ordinary value of a field; raises NoSample."""
    if field.choices:
        choices = [value for value, _ in field.flatchoices]
        return choices[number % len(choices)]
    if isinstance(field, models.CharField | models.TextField | models.FileField):
        return _short_text(field, number)
    for kind, make in _ORDINARY:
        if isinstance(field, kind):
            return make(field, number)
    if field.has_default():
        return field.get_default()
    if field.null:
        return None
    if hasattr(field, "base_field"):
        return [ordinary(field.base_field, number)]
    raise NoSample(f"no sample value is known for a {type(field).__name__}")


def vary(value: Any, number: int) -> Any:
    """Return a value close to a boundary one that differs with `number`, for columns that must be unique."""
    if isinstance(value, str) and len(value) > len(_base36(number)):
        return value[: -len(_base36(number))] + _base36(number)
    step = number % 10_000
    if isinstance(value, uuid.UUID):
        return uuid.UUID(int=value.int - step)
    if isinstance(value, bool) or not isinstance(value, int | Decimal | date):
        return value
    if isinstance(value, date):
        return value + timedelta(days=step if value.year < 2000 else -step)
    return value - step if value > 0 else value + step


def _short_text(field: Any, number: int) -> str:
    token = _base36(number + 36**3)
    candidates = [f"{token}@example.com", f"https://example.com/{token}", f"harness-{token}", token]
    if not isinstance(field, models.EmailField | models.URLField):
        candidates.reverse()
        candidates.insert(0, f"harness-{token}")
    fitting = [text for text in candidates if len(text) <= (field.max_length or LONG_TEXT) and accepts(field, text)]
    return fitting[0] if fitting else token[-(field.max_length or LONG_TEXT) :]


def _base36(number: int) -> str:
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return text or "0"


def _extremes(field: Any) -> Iterator[Sample]:
    """Yield candidates; an email or URL has the longest text of its own shape."""
    if isinstance(field, models.CharField | models.TextField | models.FileField):
        yield from _longest(field)
    elif isinstance(field, models.IntegerField):
        low, high = connection.ops.integer_field_range(field.get_internal_type())
        yield from _limits(field, low if low is not None else -(2**63), high if high is not None else 2**63 - 1)
    elif isinstance(field, models.DecimalField):
        step = Decimal(1).scaleb(-(field.decimal_places or 0))
        highest = Decimal(10) ** ((field.max_digits or 12) - (field.decimal_places or 0)) - step
        yield from _limits(field, -highest, highest)
    elif isinstance(field, models.FloatField):
        yield from _limits(field, -1e308, 1e308)
    else:
        for kind, samples in _EXTREMES:
            if isinstance(field, kind):
                yield from samples(field)
                return


def _longest(field: Any) -> Iterator[Sample]:
    length = field.max_length or LONG_TEXT
    shapes = [_LETTERS * (length // len(_LETTERS) + 1), "é" * length, "a" * length]
    shapes += ["https://example.com/" + "a" * length, "a" * max(1, length - len("@example.com")) + "@example.com"]
    fitting = [text for shape in shapes if accepts(field, text := shape.strip()[:length])]
    if fitting:
        yield "longest text", fitting[0]
    if field.blank:
        yield "empty text", ""


def _limits(field: Any, low: Any, high: Any) -> Iterator[Sample]:
    """Yield the lowest and highest number within the type's range and the validators' limits."""
    for validator in field.validators:
        limit = getattr(validator, "limit_value", None)
        limit = limit() if callable(limit) else limit
        if getattr(validator, "code", "") == "min_value" and limit is not None:
            low = max(low, limit)
        elif getattr(validator, "code", "") == "max_value" and limit is not None:
            high = min(high, limit)
    yield "lowest number", low
    yield "highest number", high


def _moment(year: int, month: int = 1, day: int = 1) -> datetime:
    return datetime(year, month, day, 23, 59, 59, 999_999, tzinfo=timezone.utc if settings.USE_TZ else None)  # noqa: UP017


def _dates(field: Any) -> Iterator[Sample]:
    if not (field.auto_now or field.auto_now_add):
        is_moment = isinstance(field, models.DateTimeField)
        yield "earliest date", _moment(_FIRST_YEAR) if is_moment else date(_FIRST_YEAR, 1, 1)
        yield "latest date", _moment(_LAST_YEAR, 12, 31) if is_moment else date(_LAST_YEAR, 12, 31)


def _fixed(*samples: Sample) -> Callable[[Any], Iterator[Sample]]:
    return lambda _: iter(samples)


_EXTREMES: list[tuple[Any, Callable[[Any], Iterator[Sample]]]] = [
    (models.DateField, _dates),
    (models.BooleanField, _fixed(("true", True), ("false", False))),
    (models.TimeField, _fixed(("earliest time", time(0)), ("latest time", time(23, 59, 59, 999_999)))),
    (models.DurationField, _fixed(("shortest", -timedelta(days=9_999)), ("longest", timedelta(days=99_999)))),
    (models.UUIDField, _fixed(("highest", uuid.UUID(int=2**128 - 2)))),
    (models.JSONField, _fixed(("nested", {"text": _LETTERS * 100, "list": [1, None, -2.5], "deep": {}}), ("list", []))),
    (models.GenericIPAddressField, _fixed(("IPv6", "2001:db8::ff00:42:8329"), ("IPv4", "255.255.255.255"))),
    (models.BinaryField, lambda field: iter([("every byte", bytes(range(256))[: field.max_length or 256])])),
]
_ORDINARY: list[tuple[Any, Callable[[Any, int], Any]]] = [
    (models.DateTimeField, lambda _, number: _moment(2020) + timedelta(seconds=number % 10**8)),
    (models.DateField, lambda _, number: date(2020, 1, 1) + timedelta(days=number % 3000)),
    (models.BooleanField, lambda _, number: number % 2 == 0),
    (models.DecimalField, lambda field, number: _within(field, number)),
    (models.FloatField, lambda field, number: _within(field, number)),
    (models.IntegerField, lambda field, number: _within(field, number)),
    (models.TimeField, lambda _, number: time(number % 24, number // 24 % 60)),
    (models.DurationField, lambda _, number: timedelta(minutes=number)),
    (models.UUIDField, lambda _, number: uuid.uuid5(uuid.NAMESPACE_OID, f"harness-{number}")),
    (models.JSONField, lambda _, number: {"number": number}),
    (models.GenericIPAddressField, lambda _, number: f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"),
    (models.BinaryField, lambda _, number: number.to_bytes(8, "big")),
]


def _within(field: Any, number: int) -> Any:
    (_, low), (_, high) = list(_extremes(field))
    span = int(high - low) if high - low != float("inf") else 2**31
    start = 0 if low <= 0 <= high else low
    value = start + number % max(1, min(span, int(high - start)))
    return Decimal(value) if isinstance(field, models.DecimalField) else value
