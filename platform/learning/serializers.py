"""The JSON of courses."""

from typing import Any, Final

from rest_framework import serializers

from core.output import Output
from core.rows import Rule
from core.rules import summaries
from core.serializers import LONGEST_TEXT
from tasks.serializers import LearningTaskOutput, LearningTaskSummary
from users.serializers import InstructorOutput

MOST_TASKS: Final = 1000
"""How many tasks can be ordered at once."""


class CourseInput(serializers.Serializer):
    """A new course, or new values for one."""

    title = serializers.CharField(max_length=200)
    description = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_TEXT)
    instructor = serializers.IntegerField(required=False, allow_null=True)


class TaskOrderInput(serializers.Serializer):
    """All tasks of a course, in a new order."""

    tasks = serializers.ListField(child=serializers.IntegerField(), max_length=MOST_TASKS)


class CourseOutput(Output):
    """A course in a list."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    description = serializers.CharField()
    instructor = InstructorOutput(allow_null=True)
    tasks = LearningTaskSummary(many=True)
    task_count = serializers.IntegerField()

    rules = {"tasks": Rule(summaries, ("task_rows",)), "task_count": Rule(len, ("task_rows",))}


class CourseDetailOutput(CourseOutput):
    """A course with its tasks in full."""

    tasks = LearningTaskOutput(many=True, source="ordered_tasks")
    task_count = serializers.SerializerMethodField()

    def get_task_count(self, course: Any) -> int:
        """How many tasks the course has."""
        return len(course.places)


class PlacedTaskOutput(Output):
    """A task at its place in a course; positions start at 1."""

    position = serializers.IntegerField(source="place")
    task = LearningTaskOutput()


class CourseOverviewOutput(Output):
    """Counts and averages over the tasks of a course; a shared task is part of other courses, too."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    task_count = serializers.IntegerField()
    beginner_task_count = serializers.IntegerField()
    intermediate_task_count = serializers.IntegerField()
    advanced_task_count = serializers.IntegerField()
    shared_task_count = serializers.IntegerField()
    average_courses_per_task = serializers.DecimalField(max_digits=12, decimal_places=2, allow_null=True)
    overdue_task_count = serializers.IntegerField()
    next_due_date = serializers.DateTimeField(allow_null=True)
