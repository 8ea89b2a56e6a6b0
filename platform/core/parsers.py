"""What requests may carry."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import IO, Any, Final

from rest_framework.exceptions import APIException
from rest_framework.parsers import JSONParser

LARGEST_BODY: Final = 2_097_152
"""The bytes that the body of a request may have: the longest text that a field takes fits in, however it is escaped."""


class TooLarge(APIException):
    """The body is larger than any request needs."""

    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"
    default_detail = f"The body must not be larger than {LARGEST_BODY} bytes."


class LimitedJSONParser(JSONParser):
    """Reads JSON, unless there is too much of it; the framework's own parser reads whatever comes."""

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The body as Python values; raises TooLarge before reading, ParseError."""
        request = (parser_context or {})["request"]
        if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_BODY:
            raise TooLarge
        return super().parse(stream, media_type, parser_context)
