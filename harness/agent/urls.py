"""What a project answers: the routes of its URL configuration, for a first operations file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models
from django.urls import get_resolver
from django.urls.resolvers import LocalePrefixPattern, RegexPattern, URLPattern, URLResolver

from harness.agent.protocol import Failed, Report, procedure
from harness.agent.startup import first_line

_LEFT_OUT = ("admin", "djdt")
_SESSIONS = "django.contrib.sessions"
_MADE_BY_CODE = ("contenttypes.ContentType", "auth.Permission", "sessions.Session")


@procedure
def list_urls(report: Report) -> dict[str, Any]:
    """Return {"routes", "user", "tables"}: what GET may ask for, {"table", "key", "order"} of the users, and tables.

    A route is {"name", "path", "parameters", "table", "key"}: `path` has {placeholders}; `table` and `key` are those of
    the view's model, "" where it tells none. The admin and format suffixes are left out. "user" is None where nobody
    can have a session. "tables" are those whose rows people make: of content types, permissions and sessions there are
    as many as the code wants. Raises Failed where there is no URL configuration or it cannot be imported.
    """
    report("reading the URL configuration", 0, 1)
    name = getattr(settings, "ROOT_URLCONF", "")
    if not name:
        raise Failed("The settings name no ROOT_URLCONF, so nothing says what the project answers.")
    try:
        patterns = get_resolver().url_patterns
    except Exception as error:
        raise Failed(f"The URL configuration {name!r} cannot be imported: {first_line(error)}.") from error
    routes = {each["path"]: each for each in _walk(patterns, "", "")}
    return {"routes": list(routes.values()), "user": _user(), "tables": _tables()}


def _tables() -> list[str]:
    made = [model for model in apps.get_models(include_auto_created=True) if model._meta.label not in _MADE_BY_CODE]
    return [model._meta.db_table for model in made if not model._meta.proxy]


def _user() -> dict[str, str] | None:
    if not apps.is_installed(_SESSIONS) or not apps.is_installed("django.contrib.auth"):
        return None
    meta = apps.get_model(settings.AUTH_USER_MODEL)._meta
    columns = {field.name: field.column for field in meta.concrete_fields}
    assert meta.pk is not None  # noqa: S101  # nosec B101  # every model has one
    order = [f"{columns[name]} DESC" for name in ("is_active", "is_superuser", "is_staff") if name in columns]
    return {"table": meta.db_table, "key": meta.pk.column, "order": ", ".join([*order, meta.pk.column])}


def _walk(patterns: list[Any], prefix: str, namespace: str) -> Iterator[dict[str, Any]]:
    for each in patterns:
        path = prefix + _route(each.pattern)
        if isinstance(each, URLResolver) and each.app_name not in _LEFT_OUT:
            inner = f"{namespace}{each.namespace} " if each.namespace else namespace
            yield from _walk(each.url_patterns, path, inner)
        elif isinstance(each, URLPattern) and _may_get(each.callback) and "<format>" not in path:
            yield _describe(each, path, namespace)


def _route(pattern: Any) -> str:
    """Return a route with <names> only."""
    if isinstance(pattern, LocalePrefixPattern):
        return ""
    if isinstance(pattern, RegexPattern):
        from django.contrib.admindocs.views import simplify_regex

        return simplify_regex(str(pattern)).removeprefix("/")
    return str(pattern)


def _describe(pattern: URLPattern, path: str, namespace: str) -> dict[str, Any]:
    parts = path.split("<")
    names = [part.partition(">")[0].split(":")[-1] for part in parts[1:]]
    tails = [part.partition(">")[2] for part in parts[1:]]
    filled = parts[0] + "".join("{" + name + "}" + tail for name, tail in zip(names, tails, strict=True))
    model = _model(pattern.callback)
    key = model._meta.pk.column if model and model._meta.pk else ""
    name = pattern.name or getattr(_class(pattern.callback) or pattern.callback, "__name__", "view")
    return {
        "name": f"{namespace}{name}".replace("-", " ").replace("_", " "),
        "path": "/" + filled.lstrip("/"),
        "parameters": names,
        "table": model._meta.db_table if model else "",
        "key": key,
    }


def _may_get(view: Any) -> bool:
    actions = getattr(view, "actions", None)
    if actions is not None:
        return "get" in actions
    kind = _class(view)
    return kind is None or hasattr(kind, "get")


def _class(view: Any) -> Any:
    return getattr(view, "view_class", None) or getattr(view, "cls", None)


def _model(view: Any) -> type[models.Model] | None:
    """Read the model off a class-based view: its own, that of its queryset, or that of its serializer."""
    kind = _class(view)
    queryset = getattr(kind, "queryset", None)
    meta = getattr(getattr(kind, "serializer_class", None), "Meta", None)
    found = getattr(kind, "model", None) or getattr(queryset, "model", None) or getattr(meta, "model", None)
    return found if isinstance(found, type) and issubclass(found, models.Model) else None
