"""Sabotages that only requests bring to light: the gate says NO-GO, exits with 1 and names the culprit."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.endtoend.conftest import Copy, Outcome
from tests.endtoend.test_no import refuses

pytestmark = [pytest.mark.alone, pytest.mark.slow, pytest.mark.sabotage, pytest.mark.postgres]
Sabotaged = Callable[..., Outcome]


def test_a_query_per_row_in_a_serializer_stops_the_gate(copy: Copy, sabotaged: Sabotaged) -> None:
    serializers = "platform/learning/serializers.py"
    count = "lambda pk: CourseTask.objects.filter(course=pk).count()"
    copy.replace(serializers, 'Rule(len, ("task_rows",))', f'Rule({count}, ("id",))')
    copy.replace(serializers, "from core.output import", "from core.models import CourseTask\nfrom core.output import")

    outcome = sabotaged("queries", learners=400, arguments=("--quick",))

    refuses(outcome, "list courses", serializers)
    assert "learning_course_tasks" in outcome.reasons


def test_an_endpoint_that_answers_500_under_load_stops_the_gate(copy: Copy, sabotaged: Sabotaged) -> None:
    views = "platform/legacy/users/views.py"
    sometimes = "from itertools import count\n\nCALLS = count(1)\n\n"
    fails = '        if next(CALLS) % 3 == 0:\n            raise RuntimeError("too much at once")\n'
    copy.write(views, sometimes + copy.read(views))
    copy.replace(
        views, "    def get(self, request):\n        return Response(UserSerializer(request.user)", fails_in_get(fails)
    )

    outcome = sabotaged("load", arguments=("--quick",))

    refuses(outcome, "show oneself", "500")


def fails_in_get(fails: str) -> str:
    return f"    def get(self, request):\n{fails}        return Response(UserSerializer(request.user)"
