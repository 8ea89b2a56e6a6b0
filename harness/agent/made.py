"""Makes rows for a project that gives none: ordinary ones, whose foreign keys lead to as many others as there are."""

from __future__ import annotations

from django.apps import apps
from django.conf import settings
from django.db import models

from harness.agent.protocol import Report, procedure
from harness.agent.rows import in_order
from harness.agent.samples.fill import fill
from harness.agent.samples.tries import own_models

# Small: a number may be a depth, a quantity or a duration, and a project may do as much work.
_FIRST_NUMBER = 1


@procedure
def make_rows(report: Report, rows: int) -> dict[str, int]:
    """Fill the tables of all apps but Django's own up to `rows` rows, and the users; returns the rows by table.

    Where the database accepts fewer, there are fewer. No handler of a model signal is called.
    """
    chosen = in_order([model for model in own_models(apps) if _is_wanted(model)])
    there: dict[str, int] = {}
    for position, model in enumerate(chosen):
        report(model._meta.label, position, len(chosen))
        # A time zone that is made up would break pages, so what may be left alone is; but users are of all kinds.
        there |= fill([model], rows, _FIRST_NUMBER, plain=not _is_user(model))
    return there


def _is_wanted(model: type[models.Model]) -> bool:
    is_of_django = apps.get_app_config(model._meta.app_label).name.startswith("django.contrib.")
    return not is_of_django or _is_user(model)


def _is_user(model: type[models.Model]) -> bool:
    return bool(model._meta.label_lower == settings.AUTH_USER_MODEL.lower())
