"""The one place where refusals of services become HTTP responses."""

from typing import Any

from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from core.exceptions import ServiceError


def respond(error: Exception, context: dict[str, Any]) -> Response | None:
    """The response to an error; None, and so a 500, for errors that nobody expected."""
    if isinstance(error, ServiceError):
        set_rollback()
        return Response(error.body, status=error.status)
    return exception_handler(error, context)
