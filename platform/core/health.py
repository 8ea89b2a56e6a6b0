"""Whether this process can serve: its database answers and has the migrations that this release needs."""

import logging
from functools import cache
from http import HTTPStatus

from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

logger = logging.getLogger(__name__)


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> JsonResponse:
    """200 when this release can serve, 503 when not; for load balancers, so anonymous and without details."""
    try:
        state = migrations()
    except (DatabaseError, InterfaceError):
        logger.exception("The database does not answer.")
        return answer("unreachable", "unknown", HTTPStatus.SERVICE_UNAVAILABLE)
    ready = state != "missing"
    return answer("reachable", state, HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE)


def answer(database: str, state: str, status: HTTPStatus) -> JsonResponse:
    """What load balancers and people read."""
    verdict = "ok" if status == HTTPStatus.OK else "unavailable"
    return JsonResponse({"status": verdict, "database": database, "migrations": state}, status=status)


def migrations() -> str:
    """`applied`, `pending` when only contract migrations are still to come, or else `missing`; in two queries.

    A release serves before its contract migration is applied: it drops only what earlier releases needed.
    """
    left = known().keys() - MigrationRecorder(connection).applied_migrations().keys()
    if not left:
        return "applied"
    return "pending" if all(known()[key] for key in left) else "missing"


@cache
def known() -> dict[tuple[str, str], bool]:
    """The migrations of this release, by app and name, and whether they say `contract = True`."""
    found = MigrationLoader(None).disk_migrations
    return {key: getattr(migration, "contract", False) for key, migration in found.items()}
