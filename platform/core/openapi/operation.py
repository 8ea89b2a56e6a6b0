"""What an app declares of its operations, in its module `openapi`."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from rest_framework.serializers import Serializer
from rest_framework.views import APIView


@dataclass(frozen=True)
class Operation:
    """What a request takes as its body and as its `query`, and what the answer of `status` shows.

    `refuses` lists the errors that only the operation's own rules know: 403, 409, and the like. Whatever follows from
    the view is not declared: authentication, throttling, path parameters, media types.
    """

    shows: type[Serializer] | None = None
    takes: type[Serializer] | None = None
    query: type[Serializer] | None = None
    status: HTTPStatus = HTTPStatus.OK
    paged: bool = False
    refuses: tuple[HTTPStatus, ...] = ()


Operations = Mapping[tuple[type[APIView], str], Operation]
