"""Handing in."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from assessment.repositories import AssessmentRepository
from core.exceptions import Conflict, Invalid, NotFound
from core.models import Submission
from core.services import Service
from users.authorization import require, teaches
from users.models import User


class Submissions(Service[AssessmentRepository]):
    """Students hand in once for a task, and again until it is graded."""

    repository_class = AssessmentRepository

    def submissions(
        self, *, actor: User, task: int | None = None, user: int | None = None, with_details: bool = True
    ) -> QuerySet[Submission]:
        """What the actor may see, lazily, by id, of one task or user if wanted; with its user and task, or bare."""
        submissions = self.repository.all() if with_details else self.repository.bare()
        if not teaches(actor):
            submissions = submissions.filter(user=actor)
        if task is not None:
            submissions = submissions.filter(task__pk=task)
        if user is not None:
            submissions = submissions.filter(user__pk=user)
        return submissions

    def submission(self, pk: int, *, actor: User) -> Submission:
        """One submission; raises NotFound, also when it is none of the actor's business."""
        return self.repository.one(self.submissions(actor=actor), pk)

    def may_submit(self, *, actor: User) -> None:
        """Raises NotAllowed unless the actor hands in tasks."""
        require(actor, User.Role.STUDENT)

    @transaction.atomic
    def submit(self, task_id: int, content: str, *, actor: User) -> Submission:
        """A new submission; raises NotAllowed, Invalid for an unknown task, Conflict when there is one already."""
        self.may_submit(actor=actor)
        try:
            task = self.repository.task(task_id)
        except NotFound as error:
            raise Invalid(task=f'Invalid pk "{task_id}" - object does not exist.') from error
        try:
            with transaction.atomic():
                return Submission.objects.create(user=actor, task=task, content=content)
        except IntegrityError as error:
            raise Conflict("You have already submitted this task.") from error

    def resubmittable(self, pk: int, *, actor: User) -> Submission:
        """The actor's own submission, to hand it in again; raises NotAllowed, NotFound, Conflict once it is graded."""
        self.may_submit(actor=actor)
        return self._open(self.submission(pk, actor=actor))

    @transaction.atomic
    def resubmit(self, pk: int, content: str, *, actor: User) -> Submission:
        """The actor's own submission with new content and a new time; raises as `resubmittable` does."""
        self.may_submit(actor=actor)
        submission = self._open(self.repository.locked(pk, self.repository.of(actor)))
        submission.content = content
        submission.submitted_at = timezone.now()
        submission.save(update_fields=["content", "submitted_at"])
        return submission

    def overview(self, *, actor: User) -> dict[str, Any]:
        """What the database counts, sums and averages over the actor's own submissions and quizzes."""
        return {"submissions": self.repository.summary(actor), "quizzes": self.repository.progress.summary(actor)}

    def _open(self, submission: Submission) -> Submission:
        if submission.grade is not None:
            raise Conflict("The submission has been graded already.")
        return submission
