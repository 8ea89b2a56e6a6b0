"""Queries for progress."""

from decimal import Decimal
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet, Sum, prefetch_related_objects
from django.db.models.functions import Coalesce

from core.models import Quiz, QuizTask, UserProgress
from core.repositories import Repository
from users.models import User


class ProgressRepository(Repository[UserProgress]):
    """Progress, each with its user, its quiz with the quiz's tasks, and the completed tasks."""

    model = UserProgress

    def all(self) -> QuerySet[UserProgress]:
        """Every progress in three queries, however many tasks there are."""
        keys = QuizTask.objects.only("pk").order_by("pk")
        return (
            super()
            .all()
            .select_related("user", "quiz")
            .prefetch_related(Prefetch("completed_tasks", keys), Prefetch("quiz__tasks", keys))
        )

    def of(self, user: User) -> QuerySet[UserProgress]:
        """The progress of one user."""
        return self.all().filter(user=user)

    def started(self, user: User, quiz: Quiz) -> UserProgress:
        """The user's progress in the quiz, begun if need be, and locked until the transaction ends."""
        progress, _ = UserProgress.objects.select_for_update(no_key=True).get_or_create(user=user, quiz=quiz)
        progress.user, progress.quiz = user, quiz  # so that nobody loads them again
        return progress

    def complete(self, progress: UserProgress, task: QuizTask) -> None:
        """Adds the task, once or again, and loads all completed tasks with their points."""
        progress.completed_tasks.add(task)
        points = QuizTask.objects.only("pk", "max_score").order_by("pk")
        prefetch_related_objects([progress], Prefetch("completed_tasks", points))

    def summary(self, user: User) -> dict[str, Any]:
        """How many quizzes a user has begun and completed, and the points of the completed tasks."""
        return UserProgress.objects.filter(user=user).aggregate(
            started=Count("pk"),
            completed=Count("pk", filter=Q(is_completed=True)),
            points=Coalesce(Sum("total_score"), Decimal(0)),
        )
