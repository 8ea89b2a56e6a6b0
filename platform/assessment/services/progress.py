"""Working through quizzes."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from assessment.repositories import AssessmentRepository
from core.exceptions import Invalid
from core.models import Quiz, UserProgress
from core.services import Service
from users.authorization import require, teaches
from users.models import User


class QuizProgress(Service[AssessmentRepository]):
    """Students complete the tasks of quizzes and see their own progress; instructors and administrators see all."""

    repository_class = AssessmentRepository

    def all_progress(self, *, actor: User) -> QuerySet[UserProgress]:
        """The progress that the actor may see, lazily, by id."""
        progress = self.repository.progress
        return progress.all() if teaches(actor) else progress.of(actor)

    def progress(self, pk: int, *, actor: User) -> UserProgress:
        """One progress; raises NotFound, also when it is none of the actor's business."""
        return self.repository.progress.one(self.all_progress(actor=actor), pk)

    def quiz_to_take(self, pk: int, *, actor: User) -> Quiz:
        """The quiz, for the actor to work through; raises NotAllowed, NotFound."""
        require(actor, User.Role.STUDENT)
        return self.repository.quizzes.plain(pk)

    @transaction.atomic
    def complete_quiz_task(self, pk: int, task_id: int, *, actor: User) -> UserProgress:
        """The actor's progress with the task completed, once or again; raises NotAllowed, NotFound, Invalid.

        The score is the sum of the maximum scores of all completed tasks. The quiz is completed when all of its tasks
        are; when it grows afterwards, it is open again from the next completed task on.
        """
        require(actor, User.Role.STUDENT)
        quiz = self.repository.quizzes.with_task_keys(pk)
        task = next((each for each in quiz.tasks.all() if each.pk == task_id), None)
        if task is None:
            raise Invalid(task="The task is not part of this quiz.")
        progress = self.repository.progress.started(actor, quiz)
        self.repository.progress.complete(progress, task)
        progress.total_score = sum(each.max_score for each in progress.completed_tasks.all())
        self._conclude(progress, is_completed=progress.percent == 100)
        return progress

    def _conclude(self, progress: UserProgress, *, is_completed: bool) -> None:
        """Saves the state; the time is kept when a quiz was completed already, and forgotten when it grew."""
        if is_completed != progress.is_completed:
            progress.completed_at = timezone.now() if is_completed else None
        progress.is_completed = is_completed
        progress.save(update_fields=["total_score", "is_completed", "completed_at"])
