"""What a view tells about the models behind its URL: those it declares, and those that its code names."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.apps import apps
from django.db import models
from django.views.generic.detail import SingleObjectMixin
from django.views.generic.list import MultipleObjectMixin

Model = type[models.Model]
_PARTS = ("get_object", "get_queryset", "dispatch", "setup", "get", "get_context_data")
_GIVES_A_MODEL = re.compile(r"get_\w*model")


class Told(NamedTuple):
    """`declared` and `named` models, most telling first; `lookups` are fields by URL argument; `app` is the view's.

    Of a view that `lists`, the declared model is that of the list, and an argument more often means what it belongs to.
    """

    declared: list[Model]
    named: list[Model]
    lookups: dict[str, str]
    app: str
    lists: bool


def told(view: Any) -> Told:
    """Read what a view tells, without calling it; functions like get_user_model() that its code names are called."""
    kind = class_of(view)
    config = apps.get_containing_app_config(getattr(kind or inspect.unwrap(view), "__module__", None) or "")
    declared, named = list(dict.fromkeys(_declared(view))), list(dict.fromkeys(_named(view)))
    lists = isinstance(kind, type) and issubclass(kind, MultipleObjectMixin) and not issubclass(kind, SingleObjectMixin)
    return Told(declared, named, _lookups(view), getattr(config, "label", ""), lists)


def class_of(view: Any) -> Any:
    """Return the class of a class-based view or a view set, None for a function."""
    return getattr(view, "view_class", None) or getattr(view, "cls", None)


def _option(view: Any, name: str) -> Any:
    """Return an option of a view: what the URL configuration gave it, else what its class or its object says."""
    options = getattr(view, "view_initkwargs", None) or getattr(view, "initkwargs", None) or {}
    holder = class_of(view) or getattr(inspect.unwrap(view), "__self__", None)
    if name in options:
        return options[name]
    try:
        return getattr(holder, name, None)
    except Exception:  # noqa: BLE001 - a property of the project's may raise whatever it likes
        return None


def _declared(view: Any) -> Iterator[Model]:
    candidates = [
        _option(view, "model"),
        getattr(_option(view, "queryset"), "model", None),
        getattr(getattr(_option(view, "serializer_class"), "Meta", None), "model", None),
        getattr(getattr(_option(view, "form_class"), "_meta", None), "model", None),
    ]
    yield from (found for each in candidates if (found := _as_model(each)))


def _as_model(value: Any) -> Model | None:
    """Return a model that is given as itself or as "app.Model"."""
    if isinstance(value, str):
        try:
            return apps.get_model(value)
        except (LookupError, ValueError):
            return None
    is_model = isinstance(value, type) and issubclass(value, models.Model) and not value._meta.abstract
    return value if is_model else None


def _named(view: Any) -> Iterator[Model]:
    """Yield the models that the code of a view names: `get_object_or_404(Page, ...)`, or `get_image_model()`."""
    for function in _functions(view):
        names = function.__code__.co_names
        for name in names:
            value = _value(name, function.__globals__, names)
            if _GIVES_A_MODEL.fullmatch(name) and inspect.isfunction(value):
                value = _given(value)
            if found := _as_model(value if isinstance(value, type) else None):
                yield found


def _value(name: str, known: dict[str, Any], names: tuple[str, ...]) -> Any:
    """Return what a name means: a global one, or one of a module that is named or imported there, too."""
    modules = [known.get(each, sys.modules.get(each)) for each in names]
    spaces = [known, *(vars(each) for each in modules if inspect.ismodule(each))]
    return next((space[name] for space in spaces if name in space), None)


def _given(function: Any) -> Any:
    """Return what a function like `get_user_model` gives; one that wants arguments gives nothing."""
    try:
        return function()
    except Exception:  # noqa: BLE001 - a project's own function may raise whatever it likes
        return None


def _functions(view: Any) -> Iterator[Any]:
    kind = class_of(view)
    if kind is None:
        function = getattr(inspect.unwrap(view), "__func__", inspect.unwrap(view))
        yield from [function] if inspect.isfunction(function) else []
        return
    for name in _PARTS:
        function = getattr(kind, name, None)
        function = inspect.unwrap(function) if function else None
        if inspect.isfunction(function) and not function.__module__.startswith("django."):
            yield function


def _lookups(view: Any) -> dict[str, str]:
    """Return the field of the model that each argument of the URL is compared with, as generic views declare it."""
    field = _option(view, "lookup_field")
    pairs = [
        (_option(view, "pk_url_kwarg"), "pk"),
        (_option(view, "slug_url_kwarg"), _option(view, "slug_field")),
        (_option(view, "lookup_url_kwarg") or field, field),
    ]
    return {name: each for name, each in pairs if isinstance(name, str) and isinstance(each, str)}
