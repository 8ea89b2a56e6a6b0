"""How the OpenAPI document is read off the views and what the apps declare about them."""

from functools import cache
from http import HTTPStatus
from importlib import import_module
from typing import Any

from drf_spectacular.drainage import error
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiResponse
from rest_framework.serializers import Serializer

from core.openapi.operation import Operation, Operations
from core.openapi.problems import BODIES, MEDIA_TYPE, Problem
from core.pagination import CursorPages


class Schema(AutoSchema):
    """Describes an operation as its app declares it; `spectacular --fail-on-warn` fails on one that is not declared."""

    @property
    def declared(self) -> Operation:
        """What the app says about this view and method."""
        app = type(self.view).__module__.partition(".")[0]
        operations: Operations = import_module(f"{app}.openapi").OPERATIONS
        found = operations.get((type(self.view), self.method))
        if found is None:
            error(f"{app}.openapi does not declare {self.method} of {type(self.view).__name__}.")
        return found or Operation()

    def get_summary(self) -> str:
        """The docstring of the method, which is one sentence."""
        return str(super().get_description()).removesuffix(".")

    def get_description(self) -> str:
        """Nothing that the summary does not say."""
        return ""

    def get_request_serializer(self) -> type[Serializer] | None:
        """What the body holds."""
        return self.declared.takes

    def get_override_parameters(self) -> list[type[Serializer]]:
        """What the query string may hold, pages aside."""
        return [self.declared.query] if self.declared.query else []

    def get_response_serializers(self) -> dict[Any, Any]:
        """What the answers of every status hold."""
        declared = self.declared
        shown = declared.shows(many=True) if declared.shows and declared.paged else declared.shows
        answers: dict[Any, Any] = {int(declared.status): OpenApiResponse(shown, declared.status.phrase)}
        for status in sorted(self.refusals()):
            answers[int(status), MEDIA_TYPE] = OpenApiResponse(BODIES.get(status, Problem), status.phrase)
        return answers

    def _is_list_view(self, serializer: object = None) -> bool:
        """Whether there are pages; not guessed from the answers, errors among them."""
        return self.declared.paged

    def _get_serializer_name(self, *arguments: Any, **more: Any) -> str:
        """The name of the class alone: what requests hold has classes of its own."""
        return str(super()._get_serializer_name(*arguments, **more)).removesuffix("Request")

    def get_paginated_name(self, serializer_name: str) -> str:
        """The name of a page: the two kinds of pages have different keys."""
        kind = "Cursored" if issubclass(self.view.pagination_class, CursorPages) else "Paginated"
        return f"{kind}{serializer_name}List"

    def refusals(self) -> set[HTTPStatus]:
        """The statuses of the errors that the operation answers: declared ones, and those that follow from the view."""
        declared = self.declared
        follows = {
            HTTPStatus.UNAUTHORIZED: self.view.get_authenticators(),
            HTTPStatus.NOT_FOUND: "{" in self.path or declared.paged,  # no such object, no such page
            HTTPStatus.BAD_REQUEST: declared.takes or declared.query,
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE: declared.takes,
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE: declared.takes,
            HTTPStatus.TOO_MANY_REQUESTS: self.view.throttle_classes,
        }
        return {*declared.refuses, *(status for status, reason in follows.items() if reason)}


class Generator(SchemaGenerator):
    """Writes the document once for a process: it is the same for everybody, and it takes a while."""

    def get_schema(self, *_: Any, **__: Any) -> dict[str, Any]:
        """The document."""
        return document()


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document of all URLs."""
    return dict(SchemaGenerator().get_schema(request=None, public=True))
