"""The bodies of errors, as `core.errors_to_http` writes them: problem details (RFC 9457)."""

from http import HTTPStatus
from typing import Any, Final

from rest_framework import serializers

from core.errors_to_http import PROBLEM

MEDIA_TYPE: Final = PROBLEM


class Problem(serializers.Serializer):
    """Why a request was refused, in one sentence, with a code for programs."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()


TEXT: Final = {"type": "string"}
FIELDS: Final[dict[str, Any]] = {
    "type": "object",
    "description": "What is wrong with each field, by name and in `errors`; `detail` if the body cannot be read.",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": TEXT,
        "title": {
            "description": "Messages, where a field of this name is wrong.",
            "anyOf": [TEXT, {"type": "array", "items": TEXT}],
        },
        "status": {"type": "integer"},
        "code": TEXT,
        "detail": TEXT,
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "detail"],
                "properties": {"field": TEXT, "code": TEXT, "detail": TEXT},
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": {"anyOf": [{"type": "array"}, {"type": "object"}]},
}

BODIES: Final[dict[HTTPStatus, Any]] = {HTTPStatus.BAD_REQUEST: FIELDS}
"""What differs from Problem, by status."""
