"""The JSON of quizzes."""

from rest_framework import serializers

from core.output import Output
from core.serializers import LONGEST_TEXT
from tasks.serializers import QuizTaskOutput


class QuizInput(serializers.Serializer):
    """A new quiz."""

    title = serializers.CharField(max_length=200)
    description = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_TEXT)


class QuizOutput(Output):
    """A quiz in a list."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    description = serializers.CharField()
    task_count = serializers.IntegerField()
    total_points = serializers.DecimalField(max_digits=12, decimal_places=2)


class QuizDetailOutput(QuizOutput):
    """A quiz with its tasks."""

    tasks = QuizTaskOutput(many=True)
