"""Putting quizzes together."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from assessment.repositories import AssessmentRepository
from core.exceptions import Conflict
from core.models import Quiz
from core.services import Service
from users.authorization import TEACHERS, require
from users.models import User


class Quizzes(Service[AssessmentRepository]):
    """Everybody sees quizzes; instructors and administrators put them together."""

    repository_class = AssessmentRepository

    def quizzes(self) -> QuerySet[Quiz]:
        """Every quiz, lazily, by id, each with its `task_count` and `total_points`."""
        return self.repository.quizzes.all()

    def quiz(self, pk: int) -> Quiz:
        """One quiz with its tasks; raises NotFound."""
        return self.repository.quizzes.get(pk)

    def may_change_quizzes(self, *, actor: User) -> None:
        """Raises NotAllowed unless the actor puts quizzes together."""
        require(actor, *TEACHERS)

    def changeable_quiz(self, pk: int, *, actor: User) -> Quiz:
        """The quiz, for the actor to change it; raises NotAllowed, NotFound."""
        self.may_change_quizzes(actor=actor)
        return self.repository.quizzes.plain(pk)

    @transaction.atomic
    def create_quiz(self, values: Mapping[str, Any], *, actor: User) -> Quiz:
        """A new quiz without tasks; raises NotAllowed. `values` are `title` and `description`."""
        self.may_change_quizzes(actor=actor)
        return self.repository.quizzes.create(values)

    @transaction.atomic
    def add_quiz_task(self, pk: int, task_id: int, *, actor: User) -> Quiz:
        """The quiz with one more task; raises NotAllowed, NotFound, Conflict when it is there already."""
        quiz = self.changeable_quiz(pk, actor=actor)
        quizzes = self.repository.quizzes
        task = quizzes.task(task_id)
        try:
            with transaction.atomic():
                quizzes.place(quiz, task)
        except IntegrityError as error:
            raise Conflict("The task is already part of this quiz.") from error
        return quizzes.get(pk)
