"""Who may do what, by role."""

from typing import Final

from core.exceptions import NotAllowed
from users.models import User

TEACHERS: Final = (User.Role.INSTRUCTOR, User.Role.ADMINISTRATOR)
"""The roles that see and grade what students do."""


def require(actor: User, *roles: str) -> None:
    """Raises NotAllowed unless the actor has one of the roles."""
    if actor.role not in roles:
        raise NotAllowed


def teaches(actor: User) -> bool:
    """Whether the actor sees and grades what students do."""
    return actor.role in TEACHERS
