"""Tasks: something to learn, something to hand in, something to answer in a quiz."""

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from core.models.learning import CourseTask


class BaseTask(models.Model):
    """What all tasks have in common."""

    class Difficulty(models.TextChoices):
        """How hard a task is."""

        BEGINNER = "beginner"
        INTERMEDIATE = "intermediate"
        ADVANCED = "advanced"

    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    due_date = models.DateTimeField(null=True, blank=True)
    difficulty_level = models.CharField(max_length=20, choices=Difficulty.choices, default=Difficulty.BEGINNER)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title


class LearningTask(BaseTask):
    """A task to learn from; courses consist of them."""

    memberships: list["CourseTask"]
    """The task's places in courses, by course; the repository loads them."""

    class Meta:
        db_table = "tasks_learningtask"

    @property
    def course_ids(self) -> list[int]:
        """The courses that the task is part of."""
        return [place.course_id for place in self.memberships]


class AssessmentTask(BaseTask):
    """A task that students hand in and instructors grade, in points."""

    max_score = models.DecimalField(max_digits=6, decimal_places=2)
    passing_score = models.DecimalField(max_digits=6, decimal_places=2)

    submission_count: int
    """How often it was handed in; the repository loads it."""

    class Meta:
        db_table = "tasks_assessmenttask"


class QuizTask(AssessmentTask):
    """An assessment task inside a quiz, with a time limit in minutes."""

    time_limit = models.PositiveIntegerField(help_text="minutes")
    is_randomized = models.BooleanField(default=False)

    class Meta:
        db_table = "tasks_quiztask"
