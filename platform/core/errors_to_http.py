"""The one place where refusals become HTTP: those of services, of the REST framework and of Django itself.

Every refusal is answered with problem details (RFC 9457). What clients of the baseline release read stays where it was:
`detail`, or a list of messages under the name of each wrong field. docs/decisions/0010 says why.
"""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpRequest, JsonResponse
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler, set_rollback

from core.exceptions import Invalid, ServiceError

PROBLEM: Final = "application/problem+json"


def respond(error: Exception, context: dict[str, Any]) -> Response | None:
    """The response to an error; None, and so a 500, for errors that nobody expected."""
    if isinstance(error, ServiceError):
        set_rollback()
        response = Response(error.body, status=error.status)
    else:
        found = exception_handler(error, context)
        if found is None:
            return None
        response = found
    body = response.data if isinstance(response.data, dict) else {api_settings.NON_FIELD_ERRORS_KEY: response.data}
    code = error.code if isinstance(error, ServiceError) else getattr(body.get("detail"), "code", Invalid.code)
    response.data = problem(response.status_code, code, body, has_fields=isinstance(error, Invalid | ValidationError))
    response.content_type = PROBLEM
    return response


def problem(status: int, code: str, body: Mapping[str, Any], *, has_fields: bool = False) -> dict[str, Any]:
    """Problem details around `body`, whose keys win: a field called `title` hides the problem's title.

    With `has_fields` the body is messages by field, and `errors` lists them once more, each with the path of its field.
    """
    details = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": int(status), "code": code}
    if has_fields:
        details["errors"] = list(_errors(body, ()))
    return {**details, **body}


def _errors(found: Any, path: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """Every message in nested mappings and lists; the path of what is wrong as a whole is its parent's."""
    if isinstance(found, Mapping):
        for name, inner in found.items():
            yield from _errors(inner, path if name == api_settings.NON_FIELD_ERRORS_KEY else (*path, str(name)))
    elif isinstance(found, list):
        for index, inner in enumerate(found):
            yield from _errors(inner, path if isinstance(inner, str) else (*path, str(index)))
    else:
        yield {"field": ".".join(path), "code": getattr(found, "code", Invalid.code), "detail": str(found)}


def bad_request(request: HttpRequest, exception: Exception) -> JsonResponse:
    """The answer to a request that Django refuses before any view runs."""
    return _page(HTTPStatus.BAD_REQUEST, "bad_request", "Bad Request (400)")


def not_found(request: HttpRequest, exception: Exception) -> JsonResponse:
    """The answer to a path that leads nowhere."""
    return _page(HTTPStatus.NOT_FOUND, "not_found", "Not Found (404)")


def server_error(request: HttpRequest) -> JsonResponse:
    """The answer to an error that nobody expected; what it was stands in the log only."""
    return _page(HTTPStatus.INTERNAL_SERVER_ERROR, "error", "Server Error (500)")


def _page(status: HTTPStatus, code: str, error: str) -> JsonResponse:
    return JsonResponse(problem(status, code, {"error": error}), status=status, content_type=PROBLEM)
