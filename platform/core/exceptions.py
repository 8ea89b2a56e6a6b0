"""What services refuse, as one hierarchy.

ServiceError
    NotFound     the object does not exist, or not for this actor
    NotAllowed   the actor may not do this
    Conflict     the object's present state forbids it: it exists already, or somebody else was quicker
    Invalid      rules forbid the values of the named fields
"""

from http import HTTPStatus
from typing import Any


class ServiceError(Exception):
    """A request that a service refuses, in one sentence for the client."""

    status: HTTPStatus
    code: str
    default: str

    def __init__(self, detail: str | None = None) -> None:
        self.detail = detail or self.default
        super().__init__(self.detail)

    @property
    def body(self) -> dict[str, Any]:
        """What the client reads."""
        return {"detail": self.detail}


class NotFound(ServiceError):
    """The object does not exist, or not for this actor."""

    status = HTTPStatus.NOT_FOUND
    code = "not_found"
    default = "Not found."


class NotAllowed(ServiceError):
    """The actor may not do this."""

    status = HTTPStatus.FORBIDDEN
    code = "permission_denied"
    default = "You do not have permission to perform this action."


class Conflict(ServiceError):
    """The object's present state forbids it: it exists already, or somebody else was quicker."""

    status = HTTPStatus.CONFLICT
    code = "conflict"
    default = "The object exists already."


class Invalid(ServiceError):
    """Rules forbid the values of the named fields: `Invalid(grade="The grade must not ...")`.

    A field that is a list of objects gets a list as long: `Invalid(grades=[{}, {"grade": "The grade must not ..."}])`.
    """

    status = HTTPStatus.BAD_REQUEST
    code = "invalid"
    default = "The values are invalid."

    def __init__(self, **messages: str | list[dict[str, str]]) -> None:
        self.messages = messages
        super().__init__(" ".join(each for each in messages.values() if isinstance(each, str)))

    @property
    def body(self) -> dict[str, Any]:
        """What the client reads: a list of messages for each field."""
        return {field: _listed(messages) for field, messages in self.messages.items()}


def _listed(messages: str | list[dict[str, str]]) -> list[Any]:
    if isinstance(messages, str):
        return [messages]
    return [{field: [message] for field, message in each.items()} for each in messages]
