"""What services refuse, as one hierarchy.

ServiceError
    NotFound     the object does not exist, or not for this actor
    NotAllowed   the actor may not do this
    Conflict     the object exists already
    Invalid      rules forbid the values of the named fields
"""

from http import HTTPStatus


class ServiceError(Exception):
    """A request that a service refuses, in one sentence for the client."""

    status: HTTPStatus
    code: str
    default: str

    def __init__(self, detail: str | None = None) -> None:
        self.detail = detail or self.default
        super().__init__(self.detail)

    @property
    def body(self) -> dict[str, object]:
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
    """The object exists already."""

    status = HTTPStatus.CONFLICT
    code = "conflict"
    default = "The object exists already."


class Invalid(ServiceError):
    """Rules forbid the values of the named fields: `Invalid(grade="The grade must not ...")`."""

    status = HTTPStatus.BAD_REQUEST
    code = "invalid"

    def __init__(self, **messages: str) -> None:
        self.messages = messages
        super().__init__(" ".join(messages.values()))

    @property
    def body(self) -> dict[str, object]:
        """What the client reads: a list of messages for each field."""
        return {field: [message] for field, message in self.messages.items()}
