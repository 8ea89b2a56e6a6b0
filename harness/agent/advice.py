"""What to write instead of a query per row: the method, its arguments, and the query that it belongs to."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import models

from harness.agent.causes import Cause

_SINGLE = ("forward", "reverse one")
_LAZY = (*_SINGLE, "generic", "related")
_COMPUTED = ("count", "exists", "aggregate")
_KEPT = ("pick", "related", *_COMPUTED)
_ON_QUERIES = ("select_related", "prefetch_related", "annotate")
_PEERS = hasattr(models, "FETCH_PEERS")


def advise(found: list[dict[str, Any]], *, peers: bool = _PEERS) -> None:
    """Set "relation" and "advice" of every repeated statement that has a cause.

    An advice holds "method", "arguments", "text" and "query", the place of the query that it is to be added to, or
    None. `peers`: this Django has fetch modes.
    """
    for each in found:
        cause = each["cause"]
        if cause is None or each["benign"]:
            continue
        each["relation"] = cause.relation
        if each["count"] > 1:
            each["advice"] = _advice(each, cause, found, peers)


def _advice(each: dict[str, Any], cause: Cause, found: list[dict[str, Any]], peers: bool) -> dict[str, Any]:
    if each["recursive"] and cause.model == cause.target:
        text = f"load all rows of {cause.model} once and follow {cause.name!r} in Python, or ask WITH RECURSIVE"
        return {"method": "", "arguments": [], "text": text, "query": None}
    root, steps = _chain(each, cause, found)
    path = "__".join([*(name for _, name in steps), cause.name])
    if each["same"] and cause.kind in _KEPT and (cause.narrowed or not cause.name):
        text = "ask once and keep the result: it is the same each time"
        return {"method": "", "arguments": [], "text": text, "query": None}
    method, arguments, text = _words(cause, path, {kind for kind, _ in steps})
    query = _query_of(root, each, found)
    if cause.admin and method in _ON_QUERIES and root:
        text = _in_admin(cause.admin, method, path, text)
        return {"method": method, "arguments": arguments, "text": text, "query": query}
    if method in _ON_QUERIES and root:
        where = f" in {query['file']}:{query['line']} ({query['function']})" if query else ""
        text += f" to the query of {root}{where}"
    if peers and cause.kind in ("forward", "reverse one", "deferred"):
        text += f", or fetch_mode(models.FETCH_PEERS) there, which loads {cause.name!r} for all rows at once"
    return {"method": method, "arguments": arguments, "text": text, "query": query}


def _in_admin(admin: str, method: str, path: str, text: str) -> str:
    if method == "select_related":
        return f'set list_select_related = ["{path}"] in {admin}'
    return f"{text} to get_queryset() of {admin}"


def _words(cause: Cause, path: str, above: set[str]) -> tuple[str, list[str], str]:
    """Return method, arguments and the sentence for a cause; `path` leads from the list to the relation."""
    if cause.kind in _COMPUTED:
        return _computed(cause, path)
    if cause.kind == "whole":
        return _listed_once(cause)
    if cause.kind == "add":
        return "add", [cause.name], f"add all at once: {cause.name}.add(*objects)"
    if cause.name and cause.kind != "deferred":
        return _loaded(cause, path, single=cause.kind in _SINGLE and above <= set(_SINGLE))
    manager = f"{cause.model.split('.')[-1]}.objects" if cause.model else "objects"
    other = {
        "deferred": ("defer", f"load {cause.name!r} with the list: take it out of defer() or put it into only()"),
        "save": ("bulk_create", f"write once for all rows: {manager}.bulk_create()"),
        "update": ("bulk_update", f"write once for all rows: {manager}.bulk_update() or one filter(…__in=…).update()"),
        "delete": ("delete", f"delete once for all rows: {manager}.filter(pk__in=…).delete()"),
        "prefetch": ("prefetch_related_objects", "call prefetch_related_objects() once, with the whole list"),
        "raw": ("execute", "run one statement for all rows: WHERE … IN (…), or executemany()"),
        "pick": ("in_bulk", f"ask once for all rows: {manager}.in_bulk(keys) or filter(…__in=…)"),
    }
    method, text = other.get(cause.kind, ("", "load it once, outside the loop"))
    return method, [cause.name] if cause.name else [], text


def _listed_once(cause: Cause) -> tuple[str, list[str], str]:
    manager = f"{cause.model.split('.')[-1]}.objects"
    if cause.method == "choices":
        text = "read the choices once, as (pk, label) pairs, and hand them to the forms (form_kwargs) as field.choices"
    else:
        text = f"read all rows once, outside the loop, and hand them in: list({manager}.all())"
    return "", [], text


def _computed(cause: Cause, path: str) -> tuple[str, list[str], str]:
    if not cause.name:
        model = cause.model.split(".")[-1]
        if cause.kind == "exists":
            return (
                "in_bulk",
                [],
                f"ask once for all rows: {model}.objects.in_bulk(keys) or filter(…__in=…).values_list(…)",
            )
        return "aggregate", [], f"ask once for all rows: {model}.objects.filter(…__in=…).values(…).annotate(…)"
    target = cause.target.split(".")[-1]
    expression = {
        "count": f'n=Count("{path}")',
        "exists": f'found=Exists({target}.objects.filter(…=OuterRef("pk")))',
        "aggregate": f'…=Sum("{path}__…")',
    }[cause.kind]
    return "annotate", [path], f"add annotate({expression})"


def _loaded(cause: Cause, path: str, *, single: bool) -> tuple[str, list[str], str]:
    if cause.narrowed:
        queryset = f"{cause.target.split('.')[-1]}.objects.filter(…)"
        return "prefetch_related", [path], f'add prefetch_related(Prefetch("{path}", queryset={queryset}, to_attr="…"))'
    method = "select_related" if single else "prefetch_related"
    return method, [path], f'add {method}("{path}")'


def _chain(each: dict[str, Any], cause: Cause, found: list[dict[str, Any]]) -> tuple[str, list[tuple[str, str]]]:
    """Follow the relations back to the list that is walked over: its model, and (kind, name) of each step down."""
    root, steps = cause.model, list[tuple[str, str]]()
    if not cause.name:
        return root, steps
    seen = {root}
    while (prefetched := _prefetched(root, each, found)) or not _listed(root, each, found):
        above = prefetched or _loaded_by(root, each, found) or _joined_by(root, each, found)
        if above is None or above[0] in seen:
            break
        root = above[0]
        steps.insert(0, above[1:])
        seen.add(root)
    return root, steps


def _prefetched(model: str, each: dict[str, Any], found: list[dict[str, Any]]) -> tuple[str, str, str] | None:
    """Find the prefetch that alone brings the instances: (model of the list, "related", path from there)."""
    lists = [other for other in found if other is not each and _lists(other, model) and _is_once(other)]
    if not lists or not all(other["prefetched"] for other in lists):
        return None
    root, path = lists[-1]["prefetched"]
    return root, "related", path


def _listed(model: str, each: dict[str, Any], found: list[dict[str, Any]]) -> bool:
    """Whether a query that is not repeated itself lists rows of a model."""
    return any(_lists(other, model) and _is_once(other) for other in found if other is not each)


def _loaded_by(model: str, each: dict[str, Any], found: list[dict[str, Any]]) -> tuple[str, str, str] | None:
    """Find the repeated load that brings the instances: (its model, its kind, its relation)."""
    for other in found:
        above = other["cause"]
        lazy = other is not each and above is not None and above.kind in _LAZY and above.name
        if lazy and above.target == model and above.model != model:
            return above.model, above.kind, above.name
    return None


def _joined_by(model: str, each: dict[str, Any], found: list[dict[str, Any]]) -> tuple[str, str, str] | None:
    """Find a list that has the instances by select_related(): the one relation that leads from it to the model."""
    for other in reversed(found):
        base = _model_of(other["table"])
        if base is None or other is each or not _is_once(other) or base._meta.label == model:
            continue
        fields: list[Any] = [field for field in base._meta.concrete_fields if field.remote_field]
        leading = [field for field in fields if field.related_model._meta.label == model]
        if len(leading) == 1 and f"JOIN {leading[0].related_model._meta.db_table}" in other["sql"]:
            return str(base._meta.label), "forward", str(leading[0].name)
    return None


def _query_of(model: str, each: dict[str, Any], found: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the place of the last query that lists a model: one that runs once, else one that runs less often."""
    others = [other for other in reversed(found) if other is not each and _lists(other, model)]
    chosen = [other for other in others if _is_once(other)] or [one for one in others if one["most"] < each["most"]]
    return next((place for other in chosen for place in other["path"][:1]), None)


def _lists(other: dict[str, Any], model: str) -> bool:
    """Whether a statement reads rows of a model."""
    base = _model_of(other["table"]) if other["kind"] == "reads" and " … FROM " in other["sql"] else None
    return base is not None and model in _labels(base)


def _is_once(other: dict[str, Any]) -> bool:
    return bool(other["most"] == 1 or other["benign"])


def _model_of(table: str) -> type[models.Model] | None:
    return next((each for each in apps.get_models(include_auto_created=True) if each._meta.db_table == table), None)


def _labels(model: type[models.Model]) -> set[str]:
    """Return the labels under which rows of a table are known: the model, its proxies and its children."""
    return {str(each._meta.label) for each in apps.get_models() if each is model or issubclass(each, model)}
