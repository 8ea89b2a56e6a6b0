"""The JSON of tasks."""

from rest_framework import serializers

from core.output import Output
from core.serializers import LONGEST_TEXT

DIFFICULTIES = ["beginner", "intermediate", "advanced"]


class TaskInput(serializers.Serializer):
    """What all new tasks have in common."""

    title = serializers.CharField(max_length=200)
    description = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_TEXT)
    due_date = serializers.DateTimeField(required=False, allow_null=True)
    difficulty_level = serializers.ChoiceField(DIFFICULTIES, required=False)


class AssessmentTaskInput(TaskInput):
    """A new assessment task."""

    max_score = serializers.DecimalField(max_digits=6, decimal_places=2, min_value=0)
    passing_score = serializers.DecimalField(max_digits=6, decimal_places=2, min_value=0)


class QuizTaskInput(AssessmentTaskInput):
    """A new quiz task; the time limit is in minutes."""

    time_limit = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    is_randomized = serializers.BooleanField(required=False)


class LearningTaskSummary(Output):
    """A learning task, named inside a course."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    difficulty_level = serializers.CharField()


class TaskOutput(Output):
    """What all tasks show."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    description = serializers.CharField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    due_date = serializers.DateTimeField(allow_null=True)
    difficulty_level = serializers.CharField()


class LearningTaskOutput(TaskOutput):
    """A learning task with the ids of the courses that it is part of."""

    courses = serializers.ListField(child=serializers.IntegerField(), source="course_ids")


class AssessmentTaskOutput(TaskOutput):
    """An assessment task."""

    max_score = serializers.DecimalField(max_digits=6, decimal_places=2)
    passing_score = serializers.DecimalField(max_digits=6, decimal_places=2)
    submission_count = serializers.IntegerField()


class QuizTaskOutput(AssessmentTaskOutput):
    """A quiz task."""

    time_limit = serializers.IntegerField()
    is_randomized = serializers.BooleanField()
