"""Grading, one submission or many."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import EllipsisType
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from assessment.repositories import AssessmentRepository
from assessment.repositories.submissions import STATES
from core.exceptions import Conflict, Invalid
from core.models import Submission
from core.services import Service
from users.authorization import TEACHERS, require
from users.models import User

OUT_OF_BOUNDS = "The grade must not exceed the maximum score of the task."
GRADED_MEANWHILE = "Somebody else has graded this submission meanwhile."


class Grading(Service[AssessmentRepository]):
    """Instructors and administrators grade.

    Who says by `previous` which grade they saw (None: none yet) never overwrites one that they did not see; without
    it, the last grade counts. Graders of the same submission wait for each other either way.
    """

    repository_class = AssessmentRepository

    def may_grade(self, *, actor: User) -> None:
        """Raises NotAllowed unless the actor grades."""
        require(actor, *TEACHERS)

    def submissions_of_task(
        self, task_id: int, *, actor: User, state: str | None = None, user: int | None = None
    ) -> QuerySet[Submission]:
        """What was handed in for a task, lazily; raises NotAllowed, NotFound.

        `state` is one of `graded`, `ungraded`, `passed`, `failed`; `user` the id of a student.
        """
        self.may_grade(actor=actor)
        submissions = self.repository.all().filter(task=self.repository.task(task_id))
        if state is not None:
            submissions = submissions.filter(STATES[state])
        return submissions if user is None else submissions.filter(user__pk=user)

    def gradable(self, pk: int, *, actor: User) -> Submission:
        """The submission, for the actor to grade it; raises NotAllowed, NotFound."""
        self.may_grade(actor=actor)
        return self.repository.get(pk)

    @transaction.atomic
    def grade(
        self, pk: int, grade: Decimal, *, actor: User, previous: Decimal | EllipsisType | None = ...
    ) -> Submission:
        """The submission with a grade, and who gave it when; raises NotAllowed, NotFound, Invalid, Conflict.

        `grade` is in points, from 0 to the task's maximum score, both included.
        """
        self.may_grade(actor=actor)
        submission = self.repository.locked(pk)
        if not _in_bounds(submission, grade):
            raise Invalid(grade=OUT_OF_BOUNDS)
        if previous not in (..., submission.grade):
            raise Conflict(GRADED_MEANWHILE)
        _set_grade(submission, grade, actor)
        submission.save(update_fields=["grade", "graded_by", "graded_at"])
        return submission

    @transaction.atomic
    def grade_all(self, grades: Sequence[Mapping[str, Any]], *, actor: User) -> list[Submission]:
        """The submissions with their grades, all or none, in the order of `grades`; raises NotAllowed, Invalid.

        Each item has `submission` (an id) and `grade`, and may have `previous`. Invalid names what is wrong with each
        item. Two queries, however many there are.
        """
        self.may_grade(actor=actor)
        found = self.repository.locked_many([item["submission"] for item in grades])
        seen: set[int] = set()
        errors = [_refusal(item, found, seen) for item in grades]
        if any(errors):
            raise Invalid(grades=errors)
        for item in grades:
            _set_grade(found[item["submission"]], item["grade"], actor)
        self.repository.save_grades(found.values())
        return [found[item["submission"]] for item in grades]


def _in_bounds(submission: Submission, grade: Decimal) -> bool:
    return 0 <= grade <= submission.task.max_score


def _set_grade(submission: Submission, grade: Decimal, actor: User) -> None:
    submission.grade = grade
    submission.graded_by_id = actor.pk
    submission.graded_at = timezone.now()


def _refusal(item: Mapping[str, Any], found: Mapping[int, Submission], seen: set[int]) -> dict[str, str]:
    """What is wrong with one item of many, by field; `seen` collects the submissions that were named before."""
    submission = found.get(item["submission"])
    if submission is None:
        return {"submission": f'Invalid pk "{item["submission"]}" - object does not exist.'}
    if submission.pk in seen:
        return {"submission": "The submission is named twice."}
    seen.add(submission.pk)
    if not _in_bounds(submission, item["grade"]):
        return {"grade": OUT_OF_BOUNDS}
    if item.get("previous", ...) not in (..., submission.grade):
        return {"previous": GRADED_MEANWHILE}
    return {}
