"""What services refuse, as one hierarchy.

ServiceError
    NotFound     the object does not exist, or not for this actor
    NotAllowed   the actor may not do this
    Conflict     the object exists already
    Invalid      a rule forbids the values; names the field
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
    """A rule forbids the value of `field`."""

    status = HTTPStatus.BAD_REQUEST
    code = "invalid"
    default = "Invalid."

    def __init__(self, field: str, detail: str) -> None:
        self.field = field
        super().__init__(detail)

    @property
    def body(self) -> dict[str, object]:
        """What the client reads: the messages of the field."""
        return {self.field: [self.detail]}
