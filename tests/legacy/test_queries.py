"""The shape that the refactored release is measured against: a list asks the database again for every row."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from assessment.models import Quiz
from paging import count
from seeding import factories
from tasks.models import QuizTask

AROUND = 3  # the token with its user, the number of rows, the rows


@pytest.fixture
def newest_rows(quiz: Quiz, quiz_tasks: list[QuizTask]) -> None:
    """Make the newest row of every list one that has all that a row can have."""
    factories.CourseFactory(tasks=factories.LearningTaskFactory.create_batch(2))
    factories.SubmissionFactory(graded=True)
    factories.UserProgressFactory(quiz=quiz, completed_tasks=quiz_tasks[:2])


@pytest.mark.parametrize(
    ("name", "per_row"),
    [
        ("users", 0),
        ("courses", 3),
        ("learning-tasks", 1),
        ("assessment-tasks", 1),
        ("quiz-tasks", 1),
        ("submissions", 2),
        ("quizzes", 2),
        ("progress", 6),
    ],
)
def test_a_list_takes_queries_for_every_row(
    name: str, per_row: int, newest_rows: None, as_administrator: APIClient
) -> None:
    newest = count(as_administrator, f"/api/{name}/")
    with CaptureQueriesContext(connection) as queries:
        as_administrator.get(f"/api/{name}/", {"page_size": 1, "page": newest})
    assert len(queries) == AROUND + per_row
