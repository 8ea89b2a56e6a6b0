"""What all services share."""

from typing import Any, Generic, TypeVar

from core.repositories import Repository

R = TypeVar("R", bound=Repository[Any])


class Service(Generic[R]):
    """Rules and transactions over one repository; a subclass names the repository it works with.

    Methods that change something take the acting user as `actor`, by keyword, and check what they may do first.
    """

    repository_class: type[R]

    def __init__(self, repository: R | None = None) -> None:
        self.repository = repository or self.repository_class()
