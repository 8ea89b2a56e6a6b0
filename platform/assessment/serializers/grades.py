"""The JSON of grading."""

from typing import Final

from rest_framework import serializers

from assessment.serializers.submissions import SubmissionOutput
from core.output import Output
from core.serializers import LARGEST_KEY

MOST_GRADES: Final = 200
"""How many submissions can be graded at once."""


class TaskSubmissionFilter(serializers.Serializer):
    """The query string of a task's submissions."""

    state = serializers.ChoiceField(["graded", "ungraded", "passed", "failed"], required=False)
    user = serializers.IntegerField(required=False)


class GradeInput(serializers.Serializer):
    """A grade, in points; `previous` is the grade that the grader saw, null for none."""

    grade = serializers.DecimalField(max_digits=6, decimal_places=2, min_value=0)
    previous = serializers.DecimalField(max_digits=6, decimal_places=2, required=False, allow_null=True)


class GradeItem(GradeInput):
    """A grade for one of many submissions."""

    submission = serializers.IntegerField(max_value=LARGEST_KEY)


class GradesInput(serializers.Serializer):
    """Grades for many submissions."""

    grades = serializers.ListSerializer(child=GradeItem(), allow_empty=False, max_length=MOST_GRADES)


class GradesOutput(Output):
    """The graded submissions, in the order of the request."""

    results = SubmissionOutput(many=True)
