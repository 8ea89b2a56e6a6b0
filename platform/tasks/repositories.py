"""Queries for tasks."""

from typing import TypeVar

from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce

from core.models import AssessmentTask, CourseTask, LearningTask, QuizTask, Submission
from core.repositories import Repository

T = TypeVar("T", bound=AssessmentTask)


class LearningTaskRepository(Repository[LearningTask]):
    """Learning tasks, each with its `memberships`: the places that it has in courses, by course."""

    model = LearningTask

    def all(self) -> QuerySet[LearningTask]:
        """Every learning task in two queries, however many courses they are in."""
        memberships = CourseTask.objects.only("course_id", "task_id").order_by("course_id")
        return super().all().prefetch_related(Prefetch("course_tasks", memberships, to_attr="memberships"))


class ScoredTaskRepository(Repository[T]):
    """Tasks with points, each with its `submission_count`."""

    def all(self) -> QuerySet[T]:
        """Every task in one query, however many submissions they have."""
        submissions = Submission.objects.filter(task=OuterRef("pk")).order_by().values("task")
        count = Subquery(submissions.annotate(count=Count("pk")).values("count"))
        return super().all().annotate(submission_count=Coalesce(count, 0))


class AssessmentTaskRepository(ScoredTaskRepository[AssessmentTask]):
    """Assessment tasks, quiz tasks among them."""

    model = AssessmentTask


class QuizTaskRepository(ScoredTaskRepository[QuizTask]):
    """Quiz tasks."""

    model = QuizTask
