"""Requests on a table that shrinks, row by row, inside a transaction that is undone."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import models

from harness.agent.protocol import Failed, Report, procedure
from harness.agent.requests import answer, prepare, undone

_CHUNK = 500
_DEEPEST = 20


@procedure
def grow(
    report: Report,
    table: str,
    sizes: list[int],
    requests: list[dict[str, Any]],
    keys: list[Any] | None = None,
    capture: bool = True,
) -> list[dict[str, Any]]:
    """Send the requests while `table` holds only n rows, for every n of `sizes`: {"size", "answers", "again"} for each.

    The first n rows by primary key stay; with `keys` only those rows count and only they are deleted. Rows go through
    the project's own deletion, so that what depends on them goes too. At the largest size every request is sent twice;
    "again" holds the second answers: what is not repeatable cannot be classified.
    Without `capture` every request is sent once at each size, and no query is counted.
    """
    prepare()
    model = _model(table)
    results: list[dict[str, Any]] = []
    with undone():
        for size in sorted(sizes, reverse=True):
            report(f"{table}: {size} rows", len(results), len(sizes))
            _shrink(model, size, keys)
            twice = capture and not results
            # The second answer comes at once: other requests between would leave other rows in Django's caches.
            pairs = [(answer(each, capture=capture), answer(each, warm=False) if twice else None) for each in requests]
            again = [second for _, second in pairs if second]
            results.append({"size": size, "answers": [first for first, _ in pairs], "again": again})
    return results


def _model(table: str) -> type[models.Model]:
    for model in apps.get_models(include_auto_created=True):
        if model._meta.db_table == table and not model._meta.proxy:
            return model
    raise Failed(f"No model of the project has the table {table!r}; correct 'grows_with' in operations.toml.")


def _shrink(model: type[models.Model], size: int, keys: list[Any] | None) -> None:
    rows = model._base_manager.all()
    if keys is None:
        kept = list(rows.order_by("pk").values_list("pk", flat=True)[:size])
        _delete(rows.exclude(pk__in=kept))
        return
    surplus = keys[size:]
    for start in range(0, len(surplus), _CHUNK):
        _delete(rows.filter(pk__in=surplus[start : start + _CHUNK]))


def _delete(rows: models.QuerySet[Any]) -> None:
    """Delete rows, before them what forbids it (on_delete=PROTECT or RESTRICT): all of it comes back."""
    for _ in range(_DEEPEST):
        try:
            rows.all().delete()
            return
        except (models.ProtectedError, models.RestrictedError) as error:
            blocking: Any = getattr(error, "protected_objects", ()) or getattr(error, "restricted_objects", ())
            for model in {type(each) for each in blocking}:
                keys = [each.pk for each in blocking if type(each) is model]
                _delete(model._base_manager.filter(pk__in=keys))
    raise Failed(f"Rows of {rows.model._meta.db_table} are protected in a circle and cannot be taken away.")
