"""What a project answers: the routes of its URL configuration, for a first operations file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.urls import get_resolver
from django.urls.resolvers import LocalePrefixPattern, RegexPattern, URLPattern, URLResolver

from harness.agent.draws import draws
from harness.agent.placeholders import Placeholder, Surroundings, choices, unknown_of, words_of
from harness.agent.protocol import Failed, Report, procedure
from harness.agent.startup import first_line
from harness.agent.views import class_of, told

_PLACEHOLDER = re.compile(r"<(?:([^:>]*):)?([^>]*)>")
_NUMBER = re.compile(r"\(\?P<(\w+)>(?:\\d|\[0-9\])[+*]?\)")
_LEFT_OUT = ("admin", "djdt")
_SESSIONS = "django.contrib.sessions"
_MADE_BY_CODE = ("contenttypes.ContentType", "auth.Permission", "sessions.Session")


@procedure
def list_urls(report: Report) -> dict[str, Any]:
    """Return {"routes", "user", "tables"}: what GET may ask for, {"table", "key", "order"} of the users, and tables.

    A route is {"name", "path", "parameters", "unknown", "draws"}: `path` has {placeholders}; of the "unknown" ones
    nothing says what they stand for; "draws" may fill them all, likeliest first (`harness.agent.draws`). The admin and
    format suffixes are left out. "user" is None where nobody can have a session. "tables" are those whose rows people
    make: of content types, permissions and sessions there are as many as the code wants. Raises Failed where there is
    no URL configuration or it cannot be imported.
    """
    report("reading the URL configuration", 0, 1)
    name = getattr(settings, "ROOT_URLCONF", "")
    if not name:
        raise Failed("The settings name no ROOT_URLCONF, so nothing says what the project answers.")
    try:
        patterns = get_resolver().url_patterns
    except Exception as error:
        raise Failed(f"The URL configuration {name!r} cannot be imported: {first_line(error)}.") from error
    user = _user()
    routes = {each["path"]: each for each in _walk(patterns, "", "", owned=user is not None)}
    return {"routes": list(routes.values()), "user": user, "tables": _tables()}


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


def _walk(patterns: list[Any], prefix: str, namespace: str, *, owned: bool) -> Iterator[dict[str, Any]]:
    for each in patterns:
        path = prefix + _route(each.pattern)
        if isinstance(each, URLResolver) and each.app_name not in _LEFT_OUT:
            inner = f"{namespace}{each.namespace} " if each.namespace else namespace
            yield from _walk(each.url_patterns, path, inner, owned=owned)
        elif isinstance(each, URLPattern) and _may_get(each.callback) and "<format>" not in path:
            yield _describe(each, path, namespace, owned=owned)


def _route(pattern: Any) -> str:
    """Return a route with <names>, or <converters:names> where they are told."""
    if isinstance(pattern, LocalePrefixPattern):
        return ""
    if isinstance(pattern, RegexPattern):
        from django.contrib.admindocs.views import simplify_regex

        simple = re.sub(r"\\(\W)", r"\1", simplify_regex(str(pattern)).removeprefix("/"))
        numbers = _NUMBER.findall(str(pattern))
        return re.sub(r"<(\w+)>", lambda found: f"<int:{found[1]}>" if found[1] in numbers else found[0], simple)
    return str(pattern)


def _describe(pattern: URLPattern, path: str, namespace: str, *, owned: bool) -> dict[str, Any]:
    name = pattern.name or getattr(class_of(pattern.callback) or pattern.callback, "__name__", "view")
    placeholders = [Placeholder(name, kind) for kind, name in _PLACEHOLDER.findall(path)]
    segments = _PLACEHOLDER.sub("", path).split("/")[::-1]
    around = Surroundings(told(pattern.callback), list(words_of([*segments, namespace])))
    found = choices(placeholders, around)
    unknown = unknown_of(placeholders, found)
    return {
        "name": f"{namespace}{name}".replace("-", " ").replace("_", " "),
        "path": "/" + _PLACEHOLDER.sub(r"{\2}", path).lstrip("/"),
        "parameters": [each.name for each in placeholders],
        "unknown": unknown,
        "draws": draws(found, owned=owned) if placeholders and not unknown else [],
    }


def _may_get(view: Any) -> bool:
    actions = getattr(view, "actions", None)
    if actions is not None:
        return "get" in actions
    kind = class_of(view)
    return kind is None or hasattr(kind, "get")
