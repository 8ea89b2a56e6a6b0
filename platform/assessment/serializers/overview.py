"""The JSON of a learner's overview."""

from rest_framework import serializers

from core.output import Output


class SubmissionSummary(Output):
    """Submissions in numbers; the average is that of the graded ones, in per cent of the maximum score."""

    count = serializers.IntegerField()
    graded = serializers.IntegerField()
    passed = serializers.IntegerField()
    average_percent = serializers.DecimalField(max_digits=8, decimal_places=2, allow_null=True)


class QuizSummary(Output):
    """Quizzes in numbers."""

    started = serializers.IntegerField()
    completed = serializers.IntegerField()
    points = serializers.DecimalField(max_digits=14, decimal_places=2)


class LearnerOverviewOutput(Output):
    """How far a learner is."""

    submissions = SubmissionSummary()
    quizzes = QuizSummary()
