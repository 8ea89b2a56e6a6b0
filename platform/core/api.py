"""What all views share: they read a request, make service calls and show the result."""

from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet
from rest_framework.generics import GenericAPIView
from rest_framework.metadata import SimpleMetadata
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from core.output import Output
from core.rows import reader
from core.services import Service

S = TypeVar("S", bound=Service[Any])


class Metadata(SimpleMetadata):
    """What OPTIONS answers: the view and its media types; what bodies hold stands in the OpenAPI document."""

    def determine_actions(self, request: Request, view: APIView) -> dict[str, Any]:
        """Nothing: the framework would read it off a queryset and a serializer, which views over services lack."""
        return {}


class ApiView(GenericAPIView, Generic[S]):
    """A view over one service."""

    service_class: type[S]
    metadata_class = Metadata

    @property
    def actor(self) -> Any:
        """The user who asks; permissions let nobody else in."""
        return self.request.user

    @cached_property
    def service(self) -> S:
        """The service that this request uses."""
        return self.service_class()

    def body(self, serializer_class: type[Serializer], *, partial: bool = False) -> dict[str, Any]:
        """The values of the request's body; raises ValidationError."""
        return self._valid(serializer_class(data=self.request.data, partial=partial))

    def parameters(self, serializer_class: type[Serializer]) -> dict[str, Any]:
        """The values of the request's query string; raises ValidationError."""
        return self._valid(serializer_class(data=self.request.query_params))

    def page(self, objects: QuerySet[Any], serializer_class: type[Serializer]) -> Response:
        """The page of `objects` that the request asks for."""
        return self.get_paginated_response(serializer_class(self.paginate_queryset(objects), many=True).data)

    def page_of_rows(self, objects: QuerySet[Any], output: type[Output]) -> Response:
        """The same page, for serializers that show nothing but columns and what follows from them."""
        read = reader(output)
        rows = self.paginate_queryset(objects.values_list(*read.columns))
        return self.get_paginated_response([read.show(row) for row in rows])

    def _valid(self, serializer: Serializer) -> dict[str, Any]:
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)
