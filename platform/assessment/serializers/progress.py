"""The JSON of progress."""

from rest_framework import serializers

from core.output import Output
from core.rows import Rule
from core.rules import completed_percent
from core.serializers import UserReference


class QuizReference(Output):
    """The quiz, named inside a progress."""

    id = serializers.IntegerField()
    title = serializers.CharField()


class ProgressOutput(Output):
    """A student's progress in a quiz."""

    id = serializers.IntegerField()
    user = UserReference()
    quiz = QuizReference()
    completed_tasks = serializers.ListField(child=serializers.IntegerField(), source="completed_task_ids")
    total_score = serializers.DecimalField(max_digits=8, decimal_places=2)
    is_completed = serializers.BooleanField()
    percent = serializers.IntegerField()

    rules = {"percent": Rule(completed_percent, ("completed_task_ids", "quiz_task_ids"))}
