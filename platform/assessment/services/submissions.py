"""Handing in and grading."""

from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from assessment.repositories import SubmissionRepository
from core.exceptions import Conflict, Invalid, NotFound
from core.models import Submission
from core.services import Service
from users.authorization import TEACHERS, require, teaches
from users.models import User


class SubmissionService(Service[SubmissionRepository]):
    """Students hand in once for a task and see their own; instructors and administrators see and grade all."""

    repository_class = SubmissionRepository

    def visible(self, *, actor: User, task: int | None = None, user: int | None = None) -> QuerySet[Submission]:
        """What the actor may see, of one task or user if wanted."""
        submissions = self.repository.all() if teaches(actor) else self.repository.of(actor)
        if task is not None:
            submissions = submissions.filter(task__pk=task)
        if user is not None:
            submissions = submissions.filter(user__pk=user)
        return submissions

    def get(self, pk: int, *, actor: User) -> Submission:
        """One submission; raises NotFound, also when it is none of the actor's business."""
        return self.repository.one(self.visible(actor=actor), pk)

    def may_create(self, *, actor: User) -> None:
        """Raises NotAllowed unless the actor hands in tasks."""
        require(actor, User.Role.STUDENT)

    @transaction.atomic
    def create(self, task_id: int, content: str, *, actor: User) -> Submission:
        """A new submission; raises NotAllowed, Invalid, Conflict."""
        self.may_create(actor=actor)
        try:
            task = self.repository.one(self.repository.tasks(), task_id)
        except NotFound as error:
            raise Invalid(task=f'Invalid pk "{task_id}" - object does not exist.') from error
        try:
            with transaction.atomic():
                return Submission.objects.create(user=actor, task=task, content=content)
        except IntegrityError as error:
            raise Conflict("You have already submitted this task.") from error

    def gradable(self, pk: int, *, actor: User) -> Submission:
        """The submission, for the actor to grade it; raises NotAllowed, NotFound."""
        require(actor, *TEACHERS)
        return self.repository.get(pk)

    @transaction.atomic
    def grade(self, pk: int, grade: Decimal, *, actor: User) -> Submission:
        """The submission with a grade, and who gave it when; raises NotAllowed, NotFound, Invalid."""
        require(actor, *TEACHERS)
        submission = self.repository.locked(pk)
        if not 0 <= grade <= submission.task.max_score:
            raise Invalid(grade="The grade must not exceed the maximum score of the task.")
        submission.grade = grade
        submission.graded_by_id = actor.pk
        submission.graded_at = timezone.now()
        submission.save(update_fields=["grade", "graded_by", "graded_at"])
        return submission
