"""Queries for submissions."""

from collections.abc import Collection
from typing import Any, Final

from django.db.models import Avg, Count, F, FloatField, Q, QuerySet
from django.db.models.functions import Cast, NullIf

from core.models import AssessmentTask, Submission
from core.repositories import Repository
from tasks.repositories import AssessmentTaskRepository
from users.models import User

PASSED: Final = Q(grade__gte=F("task__passing_score"))
STATES: Final = {
    "graded": Q(grade__isnull=False),
    "ungraded": Q(grade__isnull=True),
    "passed": PASSED,
    "failed": Q(grade__lt=F("task__passing_score")),
}
"""What submissions can be filtered by."""


class SubmissionRepository(Repository[Submission]):
    """Submissions, each with its user and task."""

    model = Submission

    def all(self) -> QuerySet[Submission]:
        """Every submission in one query."""
        shown = ["user__username", "task__title", "task__max_score", "task__passing_score"]
        own = ["content", "submitted_at", "grade", "graded_at", "graded_by_id"]
        return super().all().select_related("user", "task").only("user_id", "task_id", *own, *shown)

    def of(self, user: User) -> QuerySet[Submission]:
        """The submissions of one user."""
        return self.all().filter(user=user)

    def bare(self) -> QuerySet[Submission]:
        """Every submission as it is in its table, without user and task."""
        return super().all()

    def locked_many(self, keys: Collection[int]) -> dict[int, Submission]:
        """Those of these submissions that exist, by key, unchangeable by others until the transaction ends.

        They are locked in the order of their keys, so that two who lock the same ones wait instead of deadlocking.
        """
        wanted = self.all().filter(pk__in=keys).select_for_update(of=("self",), no_key=True)
        return {submission.pk: submission for submission in wanted}

    def save_grades(self, submissions: Collection[Submission]) -> None:
        """Writes grades, times and graders in one statement."""
        Submission.objects.bulk_update(submissions, ["grade", "graded_at", "graded_by"])

    def task(self, pk: int) -> AssessmentTask:
        """Something that can be handed in; raises NotFound."""
        return AssessmentTaskRepository().one(AssessmentTask.objects.all(), pk)

    def summary(self, user: User) -> dict[str, Any]:
        """How many submissions a user has, graded and passed, and the average share of points in per cent."""
        points = Cast("grade", FloatField()), NullIf(Cast("task__max_score", FloatField()), 0.0)
        return Submission.objects.filter(user=user).aggregate(
            count=Count("pk"),
            graded=Count("grade"),
            passed=Count("pk", filter=PASSED),
            average_percent=Avg(100 * points[0] / points[1]),
        )
