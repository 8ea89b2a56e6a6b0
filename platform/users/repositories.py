"""Queries for users."""

from core.repositories import Repository
from users.models import User


class UserRepository(Repository[User]):
    """Users."""

    model = User
