"""Courses and the order of their tasks."""

from typing import Final

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Now

from core.models.tasks import LearningTask

UNPLACED: Final = 2**31 - 1
"""The position of a task that nobody placed, after every placed one: phase 3 to 5 know it, phase 6 forbids it."""
HIGHEST_PLACE: Final = 1_000_000
"""No course needs a higher position."""


class Course(models.Model):
    """A course with an instructor and ordered tasks; `created_at` is unknown (NULL) for older courses."""

    title = models.CharField(max_length=200, unique=True)
    description = models.TextField(blank=True)
    instructor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="courses"
    )
    tasks = models.ManyToManyField(LearningTask, through="CourseTask", blank=True, related_name="courses")
    created_at = models.DateTimeField(null=True, db_default=Now(), editable=False)

    places: list["CourseTask"]
    """The tasks' places in the course, in order; the repository loads them for one course."""
    task_rows: list[tuple[int, int, str, str]]
    """Position, key, title and difficulty of the tasks, in order; the repository loads them for lists."""

    class Meta:
        db_table = "learning_course"

    def __str__(self) -> str:
        return self.title

    @property
    def ordered_tasks(self) -> list[LearningTask]:
        """The tasks in the order in which students see them."""
        return [place.task for place in self.places]


class CourseTask(models.Model):
    """A task's place in a course."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="course_tasks")
    task = models.ForeignKey(
        LearningTask, on_delete=models.CASCADE, related_name="course_tasks", db_column="learningtask_id"
    )
    position = models.IntegerField(validators=[MinValueValidator(0), MaxValueValidator(HIGHEST_PLACE)])

    class Meta:
        db_table = "learning_course_tasks"
        unique_together = [("course", "task")]
        constraints = [
            models.CheckConstraint(condition=models.Q(position__gte=0), name="course_task_position_not_negative"),
            models.CheckConstraint(condition=models.Q(position__lt=UNPLACED), name="course_task_is_placed"),
        ]
        indexes = [
            models.Index(fields=["course", "position"], name="course_task_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.course_id}: {self.task_id} at {self.position}"
