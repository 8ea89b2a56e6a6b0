"""Queries for quizzes."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count, DecimalField, OuterRef, Prefetch, QuerySet, Subquery, Sum, prefetch_related_objects
from django.db.models.functions import Coalesce

from core.models import Quiz, QuizTask
from core.repositories import Repository
from tasks.repositories import QuizTaskRepository

POINTS: Final = DecimalField(max_digits=12, decimal_places=2)


class QuizRepository(Repository[Quiz]):
    """Quizzes, each with its `task_count` and `total_points`."""

    model = Quiz

    def all(self) -> QuerySet[Quiz]:
        """Every quiz in one query, however many tasks they have."""
        places = Quiz.tasks.through.objects.filter(quiz=OuterRef("pk")).order_by().values("quiz")
        count = Subquery(places.annotate(count=Count("pk")).values("count"))
        points = Subquery(places.annotate(points=Sum("quiztask__max_score")).values("points"))
        return (
            super()
            .all()
            .annotate(task_count=Coalesce(count, 0), total_points=Coalesce(points, Decimal(0), output_field=POINTS))
        )

    def get(self, pk: int) -> Quiz:
        """The quiz with its tasks in full, by id, in two queries; raises NotFound."""
        return self.one(self.all().prefetch_related(Prefetch("tasks", QuizTaskRepository().all())), pk)

    def with_task_keys(self, pk: int) -> Quiz:
        """The quiz with its tasks by id, of which only the keys are loaded, in two queries; raises NotFound."""
        keys = QuizTask.objects.only("pk").order_by("pk")
        return self.one(super().all().prefetch_related(Prefetch("tasks", keys)), pk)

    def create(self, values: Mapping[str, Any]) -> Quiz:
        """A new quiz without tasks, as `get` would load it."""
        quiz = Quiz.objects.create(**values)
        quiz.task_count, quiz.total_points = 0, Decimal(0)
        prefetch_related_objects([quiz], "tasks")
        return quiz

    def plain(self, pk: int) -> Quiz:
        """The quiz without its tasks, in one query; raises NotFound."""
        return self.one(super().all(), pk)

    def task(self, pk: int) -> QuizTask:
        """A task that may become part of a quiz; raises NotFound."""
        return QuizTaskRepository().one(QuizTask.objects.all(), pk)

    def place(self, quiz: Quiz, task: QuizTask) -> None:
        """Adds the task; raises IntegrityError if it is part of the quiz already."""
        Quiz.tasks.through.objects.create(quiz=quiz, quiztask=task)
