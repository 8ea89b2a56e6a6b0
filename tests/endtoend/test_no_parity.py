"""A release that does something else than the one before, or lets somebody do too much: phase 4 says no."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.endtoend.conftest import Copy, Outcome
from tests.endtoend.test_no import refuses

pytestmark = [pytest.mark.slow, pytest.mark.sabotage, pytest.mark.postgres]
Sabotaged = Callable[..., Outcome]


def test_another_answer_other_rows_and_a_missing_permission_check_stop_phase_4(
    copy: Copy, sabotaged: Sabotaged
) -> None:
    copy.replace("platform/assessment/services/quizzes.py", "require(actor, *TEACHERS)", "pass")
    copy.replace("platform/assessment/serializers/quizzes.py", "title = serializers.CharField()", "pass")
    copy.replace("platform/assessment/services/submissions.py", "content=content)", "content=content.upper())")

    outcome = sabotaged("parity", "authorization", phase=4, learners=400, arguments=("--quick",))

    refuses(outcome, "undeclared differences", "wrongly allowed is 2", "create quiz: student gets 201")
    found = (outcome.folder / "evidence.jsonl").read_text(encoding="utf-8")
    assert "student gets 201 instead of a refusal; only instructor, administrator may" in found
    assert "body /results/*/title: missing" in found
    assert "rows assessment_submission.content: another value" in found
