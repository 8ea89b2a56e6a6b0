"""Queries for tasks."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce

from core.models import AssessmentTask, CourseTask, LearningTask, QuizTask, Submission
from core.models.tasks import BaseTask
from core.repositories import Repository

T = TypeVar("T", bound=BaseTask)
S = TypeVar("S", bound=AssessmentTask)


class TaskRepository(Repository[T]):
    """What the queries for all kinds of tasks have in common."""

    def create(self, values: Mapping[str, Any]) -> T:
        """A new task as `all` would load it; nothing refers to it yet, so nothing is asked."""
        return self.model._default_manager.create(**values)


class LearningTaskRepository(TaskRepository[LearningTask]):
    """Learning tasks, each with its `memberships`: the places that it has in courses, by course."""

    model = LearningTask

    def all(self) -> QuerySet[LearningTask]:
        """Every learning task in two queries, however many courses they are in."""
        return super().all().prefetch_related(self.memberships("course_tasks"))

    def memberships(self, path: str) -> "Prefetch[Any]":
        """Loads the memberships of the tasks at whose places `path` ends."""
        return Prefetch(
            path, CourseTask.objects.only("course_id", "task_id").order_by("course_id"), to_attr="memberships"
        )

    def create(self, values: Mapping[str, Any]) -> LearningTask:
        """A new task, which is part of no course."""
        task = super().create(values)
        task.memberships = []
        return task


class ScoredTaskRepository(TaskRepository[S]):
    """Tasks with points, each with its `submission_count`."""

    def all(self) -> QuerySet[S]:
        """Every task in one query, however many submissions they have."""
        submissions = Submission.objects.filter(task=OuterRef("pk")).order_by().values("task")
        count = Subquery(submissions.annotate(count=Count("pk")).values("count"))
        return super().all().annotate(submission_count=Coalesce(count, 0))

    def create(self, values: Mapping[str, Any]) -> S:
        """A new task, which nobody has handed in."""
        task = super().create(values)
        task.submission_count = 0
        return task


class AssessmentTaskRepository(ScoredTaskRepository[AssessmentTask]):
    """Assessment tasks, quiz tasks among them."""

    model = AssessmentTask


class QuizTaskRepository(ScoredTaskRepository[QuizTask]):
    """Quiz tasks."""

    model = QuizTask
