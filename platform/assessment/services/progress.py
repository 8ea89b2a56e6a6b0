"""Working through quizzes."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from assessment.repositories import ProgressRepository, QuizRepository
from core.exceptions import Invalid
from core.models import Quiz, UserProgress
from core.services import Service
from users.authorization import require, teaches
from users.models import User


class ProgressService(Service[ProgressRepository]):
    """Students complete the tasks of quizzes and see their own progress; instructors and administrators see all."""

    repository_class = ProgressRepository

    def visible(self, *, actor: User) -> QuerySet[UserProgress]:
        """What the actor may see."""
        return self.repository.all() if teaches(actor) else self.repository.of(actor)

    def get(self, pk: int, *, actor: User) -> UserProgress:
        """One progress; raises NotFound, also when it is none of the actor's business."""
        return self.repository.one(self.visible(actor=actor), pk)

    def quiz(self, pk: int, *, actor: User) -> Quiz:
        """The quiz, for the actor to work through; raises NotAllowed, NotFound."""
        require(actor, User.Role.STUDENT)
        return QuizRepository().plain(pk)

    @transaction.atomic
    def complete(self, quiz: Quiz, task_id: int, *, actor: User) -> UserProgress:
        """The actor's progress with the task completed, once or again; raises NotAllowed, Invalid."""
        require(actor, User.Role.STUDENT)
        task = quiz.tasks.filter(pk=task_id).first()
        if task is None:
            raise Invalid(task="The task is not part of this quiz.")
        progress = self.repository.started(actor, quiz)
        progress.completed_tasks.add(task)
        progress.total_score = self.repository.points(progress)
        self._conclude(progress, is_completed=not self.repository.open_tasks(progress).exists())
        return self.repository.get(progress.pk)

    def _conclude(self, progress: UserProgress, *, is_completed: bool) -> None:
        """Saves the state; the time is kept when a quiz was completed already, and forgotten when it grew."""
        if is_completed != progress.is_completed:
            progress.completed_at = timezone.now() if is_completed else None
        progress.is_completed = is_completed
        progress.save(update_fields=["total_score", "is_completed", "completed_at"])
