"""Rules for tasks."""

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from django.db import transaction
from django.db.models import QuerySet

from core.exceptions import Invalid
from core.models.tasks import BaseTask
from core.services import Service
from tasks.repositories import (
    AssessmentTaskRepository,
    LearningTaskRepository,
    QuizTaskRepository,
    ScoredTaskRepository,
    TaskRepository,
)
from users.authorization import TEACHERS, require
from users.models import User

R = TypeVar("R", bound=TaskRepository[Any])
P = TypeVar("P", bound=ScoredTaskRepository[Any])


class TaskService(Service[R], Generic[R]):
    """Tasks of one kind: everybody sees them, instructors and administrators create them."""

    def all(self) -> QuerySet[Any]:
        """Every task of this kind, lazily, by id."""
        return self.repository.all()

    def get(self, pk: int) -> Any:
        """One task; raises NotFound."""
        return self.repository.get(pk)

    def may_create(self, *, actor: User) -> None:
        """Raises NotAllowed unless the actor creates tasks."""
        require(actor, *TEACHERS)

    @transaction.atomic
    def create(self, values: Mapping[str, Any], *, actor: User) -> BaseTask:
        """A new task; raises NotAllowed, Invalid.

        `values` are fields of the model: `title`, `description`, `due_date`, `difficulty_level`, and with points
        `max_score` and `passing_score`.
        """
        self.may_create(actor=actor)
        self.check(values)
        return self.repository.create(values)

    def check(self, values: Mapping[str, Any]) -> None:
        """Raises Invalid if the values break a rule."""


class LearningTaskService(TaskService[LearningTaskRepository]):
    """Tasks to learn from."""

    repository_class = LearningTaskRepository


class ScoredTaskService(TaskService[P], Generic[P]):
    """Tasks with points."""

    def check(self, values: Mapping[str, Any]) -> None:
        """Raises Invalid if nobody could pass."""
        if values["passing_score"] > values["max_score"]:
            raise Invalid(passing_score="The passing score must not exceed the maximum score.")


class AssessmentTaskService(ScoredTaskService[AssessmentTaskRepository]):
    """Tasks to hand in."""

    repository_class = AssessmentTaskRepository


class QuizTaskService(ScoredTaskService[QuizTaskRepository]):
    """Tasks of quizzes."""

    repository_class = QuizTaskRepository
