"""The JSON of submissions."""

from rest_framework import serializers

from core.output import Output
from core.rows import Rule
from core.rules import passes
from core.serializers import LONGEST_TEXT, UserReference


class SubmissionFilter(serializers.Serializer):
    """The query string of the list."""

    task = serializers.IntegerField(required=False)
    user = serializers.IntegerField(required=False)


class ResubmissionInput(serializers.Serializer):
    """New content for a submission."""

    content = serializers.CharField(max_length=LONGEST_TEXT)


class SubmissionInput(ResubmissionInput):
    """A new submission."""

    task = serializers.IntegerField()


class SubmittedTask(Output):
    """The task, named inside a submission."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    max_score = serializers.DecimalField(max_digits=6, decimal_places=2)


class SubmissionOutput(Output):
    """A submission."""

    id = serializers.IntegerField()
    user = UserReference()
    task = SubmittedTask()
    content = serializers.CharField()
    submitted_at = serializers.DateTimeField()
    grade = serializers.DecimalField(max_digits=6, decimal_places=2, allow_null=True)
    passed = serializers.BooleanField(allow_null=True)

    rules = {"passed": Rule(passes, ("grade", "task__passing_score"))}
