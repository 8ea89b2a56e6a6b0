"""Rules for tasks."""

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from django.db import transaction
from django.db.models import QuerySet

from core.exceptions import Invalid
from core.models.tasks import BaseTask
from core.repositories import Repository
from core.services import Service
from tasks.repositories import AssessmentTaskRepository, LearningTaskRepository, QuizTaskRepository
from users.authorization import TEACHERS, require
from users.models import User

R = TypeVar("R", bound=Repository[Any])


class TaskService(Service[R], Generic[R]):
    """Everybody sees tasks; instructors and administrators create them."""

    def all(self) -> QuerySet[Any]:
        """Every task of this kind."""
        return self.repository.all()

    def get(self, pk: int) -> Any:
        """One task; raises NotFound."""
        return self.repository.get(pk)

    def may_create(self, *, actor: User) -> None:
        """Raises NotAllowed unless the actor creates tasks."""
        require(actor, *TEACHERS)

    @transaction.atomic
    def create(self, values: Mapping[str, Any], *, actor: User) -> BaseTask:
        """A new task; raises NotAllowed, Invalid."""
        self.may_create(actor=actor)
        self.check(values)
        task = self.repository.model._default_manager.create(**values)
        return self.repository.get(task.pk)

    def check(self, values: Mapping[str, Any]) -> None:
        """Raises Invalid if the values break a rule."""


class LearningTaskService(TaskService[LearningTaskRepository]):
    """Tasks to learn from."""

    repository_class = LearningTaskRepository


class ScoredTaskService(TaskService[R], Generic[R]):
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
