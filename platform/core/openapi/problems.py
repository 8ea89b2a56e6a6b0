"""The bodies of errors, as `core.errors_to_http` writes them."""

from http import HTTPStatus
from typing import Any, Final

from rest_framework import serializers

MEDIA_TYPE: Final = "application/json"


class Problem(serializers.Serializer):
    """Why a request was refused, in one sentence."""

    detail = serializers.CharField()


FIELDS: Final[dict[str, Any]] = {
    "type": "object",
    "description": "What is wrong with each field, or `detail` where the body cannot be read at all.",
    "additionalProperties": {
        "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
    },
}

BODIES: Final[dict[HTTPStatus, Any]] = {HTTPStatus.BAD_REQUEST: FIELDS}
"""What differs from Problem, by status."""
