"""What all repositories share."""

from typing import Generic, TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model, QuerySet

from core.exceptions import NotFound

M = TypeVar("M", bound=Model)


class Repository(Generic[M]):
    """The only place that builds queries for one model; its named querysets stay lazy."""

    model: type[M]

    def all(self) -> QuerySet[M]:
        """Every object, by id, with everything that a list of them shows."""
        return self.model._default_manager.order_by("pk")

    def get(self, pk: int) -> M:
        """The object with everything that its page shows; raises NotFound."""
        return self.one(self.all(), pk)

    def locked(self, pk: int, among: QuerySet[M] | None = None) -> M:
        """The object, `among` some if given, unchangeable by others until the transaction ends; raises NotFound."""
        objects = self.all() if among is None else among
        return self.one(objects.select_for_update(of=("self",), no_key=True), pk)

    def one(self, objects: QuerySet[M], pk: int) -> M:
        """The one of `objects` that has this key; raises NotFound."""
        try:
            return objects.get(pk=pk)
        except (ObjectDoesNotExist, OverflowError) as error:  # SQLite cannot even look for a number beyond 64 bits
            raise NotFound(f"No {self.model.__name__} matches the given query.") from error
