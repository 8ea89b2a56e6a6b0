"""Rules for users."""

from django.db.models import QuerySet

from core.services import Service
from users.authorization import require
from users.models import User
from users.repositories import UserRepository


class UserService(Service[UserRepository]):
    """Shows users to administrators, and everybody themselves."""

    repository_class = UserRepository

    def all(self, *, actor: User) -> QuerySet[User]:
        """All users; raises NotAllowed."""
        require(actor, User.Role.ADMINISTRATOR)
        return self.repository.all()

    def get(self, pk: int, *, actor: User) -> User:
        """One user; raises NotAllowed, NotFound."""
        if pk != actor.pk:
            require(actor, User.Role.ADMINISTRATOR)
        return self.repository.get(pk)
