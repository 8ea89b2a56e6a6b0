"""What students hand in, and how far they are in quizzes."""

from decimal import Decimal

from django.conf import settings
from django.db import models

from core.models.tasks import AssessmentTask, QuizTask
from core.rules import completed_percent, passes


class Submission(models.Model):
    """A student's answer to an assessment task; `graded_by` and `graded_at` are unknown for older grades."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="submissions")
    task = models.ForeignKey(AssessmentTask, on_delete=models.CASCADE, related_name="submissions")
    content = models.TextField()
    submitted_at = models.DateTimeField(auto_now_add=True)
    grade = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    graded_at = models.DateTimeField(null=True, blank=True)
    graded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="graded_submissions",
        db_index=False,
    )

    class Meta:
        db_table = "assessment_submission"
        unique_together = [("user", "task")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(graded_by__isnull=True) | models.Q(graded_at__isnull=False),
                name="submission_grader_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["task"], condition=models.Q(grade__isnull=True), name="submission_ungraded_by_task"),
            models.Index(fields=["graded_by"], name="submission_by_grader"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.task_id}"

    @property
    def passed(self) -> bool | None:
        """Whether the grade suffices; None while there is none."""
        return passes(self.grade, self.task.passing_score)


class Quiz(models.Model):
    """A set of quiz tasks."""

    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    tasks = models.ManyToManyField(QuizTask, blank=True, related_name="quizzes", db_table="assessment_quiz_tasks")

    task_count: int
    """How many tasks it has; the repository loads it."""
    total_points: Decimal
    """The sum of their maximum scores; the repository loads it."""

    class Meta:
        db_table = "assessment_quiz"

    def __str__(self) -> str:
        return self.title


class UserProgress(models.Model):
    """How far a student is in a quiz, in completed tasks and points."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="progress")
    quiz = models.ForeignKey(Quiz, on_delete=models.CASCADE, related_name="progress")
    completed_tasks = models.ManyToManyField(
        QuizTask, blank=True, related_name="completed_in", db_table="assessment_userprogress_completed_tasks"
    )
    total_score = models.DecimalField(max_digits=8, decimal_places=2, default=0)
    is_completed = models.BooleanField(default=False)
    completed_at = models.DateTimeField(null=True, blank=True)

    completed_task_ids: list[int]
    """The keys of the completed tasks, in order; the repository loads them."""
    quiz_task_ids: list[int]
    """The keys of the quiz's tasks; the repository loads them."""

    class Meta:
        db_table = "assessment_userprogress"
        unique_together = [("user", "quiz")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.quiz_id}"

    @property
    def percent(self) -> int:
        """The completed share of the quiz's tasks, rounded down, so that 100 means all."""
        return completed_percent(self.completed_task_ids, self.quiz_task_ids)
