"""The JSON of courses."""

from rest_framework import serializers

from tasks.serializers import LearningTaskOutput, LearningTaskSummary
from users.serializers import InstructorOutput


class CourseInput(serializers.Serializer):
    """A new course, or new values for one."""

    title = serializers.CharField(max_length=200)
    description = serializers.CharField(required=False, allow_blank=True)
    instructor = serializers.IntegerField(required=False, allow_null=True)


class CourseOutput(serializers.Serializer):
    """A course in a list."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    description = serializers.CharField()
    instructor = InstructorOutput(allow_null=True)
    tasks = LearningTaskSummary(many=True, source="ordered_tasks")
    task_count = serializers.SerializerMethodField()

    def get_task_count(self, course: object) -> int:
        """How many tasks the course has."""
        return len(course.places)


class CourseDetailOutput(CourseOutput):
    """A course with its tasks in full."""

    tasks = LearningTaskOutput(many=True, source="ordered_tasks")
