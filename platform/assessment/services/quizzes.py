"""Putting quizzes together."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from assessment.repositories import QuizRepository
from core.exceptions import Conflict
from core.models import Quiz
from core.services import Service
from users.authorization import TEACHERS, require
from users.models import User


class QuizService(Service[QuizRepository]):
    """Everybody sees quizzes; instructors and administrators put them together."""

    repository_class = QuizRepository

    def all(self) -> QuerySet[Quiz]:
        """Every quiz."""
        return self.repository.all()

    def get(self, pk: int) -> Quiz:
        """One quiz with its tasks; raises NotFound."""
        return self.repository.get(pk)

    def may_create(self, *, actor: User) -> None:
        """Raises NotAllowed unless the actor puts quizzes together."""
        require(actor, *TEACHERS)

    def changeable(self, pk: int, *, actor: User) -> Quiz:
        """The quiz, for the actor to change it; raises NotAllowed, NotFound."""
        self.may_create(actor=actor)
        return self.repository.plain(pk)

    @transaction.atomic
    def create(self, values: Mapping[str, Any], *, actor: User) -> Quiz:
        """A new quiz without tasks; raises NotAllowed."""
        self.may_create(actor=actor)
        return self.repository.get(Quiz.objects.create(**values).pk)

    @transaction.atomic
    def add_task(self, quiz: Quiz, task_id: int, *, actor: User) -> Quiz:
        """The quiz with one more task; raises NotAllowed, NotFound, Conflict."""
        self.may_create(actor=actor)
        if not self.repository.place(quiz, self.repository.task(task_id)):
            raise Conflict("The task is already part of this quiz.")
        return self.repository.get(quiz.pk)
