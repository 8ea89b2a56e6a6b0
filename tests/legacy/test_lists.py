"""Pages: 50 rows unless asked otherwise, 200 at most, ordered by id."""

import pytest
from rest_framework.test import APIClient

from seeding import factories
from tasks.models import LearningTask
from users.models import User

LISTS = ["users", "courses", "learning-tasks", "assessment-tasks", "quiz-tasks", "submissions", "quizzes", "progress"]


@pytest.fixture
def many_tasks(db: None) -> None:
    LearningTask.objects.bulk_create(factories.LearningTaskFactory.build_batch(205))


@pytest.mark.parametrize("name", LISTS)
def test_every_list_is_a_page(name: str, as_administrator: APIClient) -> None:
    page = as_administrator.get(f"/api/{name}/").json()
    assert list(page) == ["count", "next", "previous", "results"]


@pytest.mark.parametrize(("asked", "given"), [(None, 50), (3, 3), (200, 200), (201, 200), (0, 50), ("x", 50)])
def test_a_page_holds_as_many_rows_as_asked_within_limits(
    asked: int | None, given: int, many_tasks: None, as_student: APIClient
) -> None:
    query = {} if asked is None else {"page_size": asked}
    page = as_student.get("/api/learning-tasks/", query).json()
    assert len(page["results"]) == given
    assert page["count"] == LearningTask.objects.count()


def test_pages_follow_each_other_by_id(many_tasks: None, as_student: APIClient) -> None:
    first = as_student.get("/api/learning-tasks/").json()
    second = as_student.get(first["next"]).json()
    ids = [row["id"] for row in first["results"] + second["results"]]
    assert ids == sorted(set(ids))
    assert as_student.get(second["previous"]).json()["results"] == first["results"]


@pytest.mark.parametrize("page", [0, -1, "x", 10**9, 10**30])
def test_a_page_that_does_not_exist_is_not_found(page: object, as_student: APIClient) -> None:
    assert as_student.get("/api/courses/", {"page": page}).status_code == 404


def test_a_student_lists_only_what_is_his_own(as_student: APIClient, student: User) -> None:
    mine = factories.SubmissionFactory(user=student)
    progress = factories.UserProgressFactory(user=student)
    factories.SubmissionFactory()
    factories.UserProgressFactory()
    assert [row["id"] for row in as_student.get("/api/submissions/").json()["results"]] == [mine.pk]
    assert [row["id"] for row in as_student.get("/api/progress/").json()["results"]] == [progress.pk]
