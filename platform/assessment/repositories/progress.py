"""Queries for progress."""

from decimal import Decimal
from typing import Any

from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Sum, prefetch_related_objects
from django.db.models.functions import Coalesce

from core.aggregates import rows_of
from core.models import Quiz, QuizTask, UserProgress
from core.repositories import Repository
from users.models import User


class ProgressRepository(Repository[UserProgress]):
    """Progress, each with its user and quiz, and with the keys of the completed tasks and of the quiz's tasks."""

    model = UserProgress

    def all(self) -> QuerySet[UserProgress]:
        """Every progress in one query, however many tasks there are."""
        completed = UserProgress.completed_tasks.through.objects.filter(userprogress=OuterRef("pk"))
        wanted = Quiz.tasks.through.objects.filter(quiz=OuterRef("quiz"))
        return (
            super()
            .all()
            .select_related("user", "quiz")
            .only("total_score", "is_completed", "completed_at", "user__username", "quiz__title")
            .annotate(
                completed_task_ids=rows_of(completed, "userprogress", "quiztask"),
                quiz_task_ids=rows_of(wanted, "quiz", "quiztask"),
            )
        )

    def of(self, user: User) -> QuerySet[UserProgress]:
        """The progress of one user."""
        return self.all().filter(user=user)

    def started(self, user: User, quiz: Quiz) -> UserProgress:
        """The user's progress in the quiz, begun if need be, and locked until the transaction ends."""
        progress, _ = UserProgress.objects.select_for_update(no_key=True).get_or_create(user=user, quiz=quiz)
        progress.user, progress.quiz = user, quiz  # so that nobody loads them again
        progress.quiz_task_ids = [task.pk for task in quiz.tasks.all()]
        return progress

    def complete(self, progress: UserProgress, task: QuizTask) -> None:
        """Adds the task, once or again, and loads all completed tasks with their points."""
        progress.completed_tasks.add(task)
        points = QuizTask.objects.only("pk", "max_score").order_by("pk")
        prefetch_related_objects([progress], Prefetch("completed_tasks", points))
        progress.completed_task_ids = [each.pk for each in progress.completed_tasks.all()]

    def summary(self, user: User) -> dict[str, Any]:
        """How many quizzes a user has begun and completed, and the points of the completed tasks."""
        return UserProgress.objects.filter(user=user).aggregate(
            started=Count("pk"),
            completed=Count("pk", filter=Q(is_completed=True)),
            points=Coalesce(Sum("total_score"), Decimal(0)),
        )
