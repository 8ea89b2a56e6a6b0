from datetime import UTC, datetime

import pytest
from rest_framework.test import APIClient

from paging import last
from seeding import factories
from tasks.models import AssessmentTask, LearningTask, QuizTask

SCORES = {"title": "Essay", "max_score": "20.00", "passing_score": "12.50"}
QUIZ_TASK = {**SCORES, "time_limit": 15}


def test_a_learning_task_names_its_courses(as_student: APIClient) -> None:
    task = factories.LearningTaskFactory(
        title="Lire", description="", due_date=datetime(2026, 5, 1, tzinfo=UTC), difficulty_level="advanced"
    )
    courses = [factories.CourseFactory(tasks=[task]) for _ in range(2)]
    shown = as_student.get(f"/api/learning-tasks/{task.pk}/").json()
    assert datetime.fromisoformat(shown.pop("created_at")) == task.created_at
    assert datetime.fromisoformat(shown.pop("updated_at")) == task.updated_at
    assert shown == {
        "id": task.pk,
        "title": "Lire",
        "description": "",
        "due_date": "2026-05-01T00:00:00Z",
        "difficulty_level": "advanced",
        "courses": [course.pk for course in courses],
    }


def test_an_assessment_task_counts_its_submissions(as_student: APIClient) -> None:
    task = factories.AssessmentTaskFactory(max_score="20.00", passing_score="12.50")
    factories.SubmissionFactory.create_batch(3, task=task)
    shown = as_student.get(f"/api/assessment-tasks/{task.pk}/").json()
    assert (shown["max_score"], shown["passing_score"], shown["submission_count"]) == ("20.00", "12.50", 3)
    assert last(as_student, "/api/assessment-tasks/") == [shown]


def test_a_quiz_task_is_an_assessment_task_too(as_student: APIClient) -> None:
    task = factories.QuizTaskFactory(time_limit=30, is_randomized=True)
    factories.SubmissionFactory(task=task)
    [listed] = last(as_student, "/api/quiz-tasks/")
    as_assessment_task = as_student.get(f"/api/assessment-tasks/{task.pk}/").json()
    assert listed == {**as_assessment_task, "time_limit": 30, "is_randomized": True}
    assert listed["submission_count"] == 1


def test_a_created_task_can_be_read_again(as_instructor: APIClient) -> None:
    body = {"title": " Przeczytać ", "due_date": "2026-05-01T10:00:00+02:00", "difficulty_level": "intermediate"}
    response = as_instructor.post("/api/learning-tasks/", {**body, "id": 1, "courses": [1]})
    assert response.status_code == 201
    created = response.json()
    assert (created["title"], created["due_date"], created["courses"]) == ("Przeczytać", "2026-05-01T08:00:00Z", [])
    assert as_instructor.get(f"/api/learning-tasks/{created['id']}/").json() == created


@pytest.mark.parametrize(("path", "body", "model"), [
    ("/api/assessment-tasks/", SCORES, AssessmentTask),
    ("/api/quiz-tasks/", QUIZ_TASK, QuizTask),
])  # fmt: skip
def test_a_created_task_keeps_its_scores(path: str, body: dict, model: type, as_instructor: APIClient) -> None:
    created = as_instructor.post(path, body).json()
    assert (created["max_score"], created["passing_score"], created["submission_count"]) == ("20.00", "12.50", 0)
    assert created["difficulty_level"] == "beginner"
    assert str(model.objects.get(pk=created["id"]).max_score) == "20.00"


def test_a_created_quiz_task_is_not_randomized_unless_asked(as_instructor: APIClient) -> None:
    assert as_instructor.post("/api/quiz-tasks/", QUIZ_TASK).json()["is_randomized"] is False
    assert as_instructor.post("/api/quiz-tasks/", {**QUIZ_TASK, "is_randomized": True}).json()["is_randomized"] is True


@pytest.mark.parametrize("path", ["/api/assessment-tasks/", "/api/quiz-tasks/"])
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"passing_score": "20.01"}, "passing_score"),
        ({"passing_score": "-1"}, "passing_score"),
        ({"max_score": "-1"}, "max_score"),
        ({"max_score": "10000"}, "max_score"),
        ({"max_score": "1.001"}, "max_score"),
        ({"max_score": "NaN"}, "max_score"),
        ({"max_score": None}, "max_score"),
        ({"title": ""}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"difficulty_level": "impossible"}, "difficulty_level"),
        ({"due_date": "tomorrow"}, "due_date"),
    ],
)
def test_a_task_that_makes_no_sense_is_refused(path: str, changes: dict, field: str, as_instructor: APIClient) -> None:
    before = AssessmentTask.objects.count()
    response = as_instructor.post(path, {**QUIZ_TASK, **changes})
    assert response.status_code == 400
    assert list(response.json()) == [field]
    assert AssessmentTask.objects.count() == before


@pytest.mark.parametrize("time_limit", [-1, None, "long"])
def test_a_time_limit_is_a_number_of_minutes(time_limit: object, as_instructor: APIClient) -> None:
    response = as_instructor.post("/api/quiz-tasks/", {**QUIZ_TASK, "time_limit": time_limit})
    assert list(response.json()) == ["time_limit"]


def test_a_passing_score_may_be_all_points(as_instructor: APIClient) -> None:
    assert as_instructor.post("/api/assessment-tasks/", {**SCORES, "passing_score": "20"}).status_code == 201


def test_a_learning_task_needs_a_title(as_administrator: APIClient) -> None:
    before = LearningTask.objects.count()
    response = as_administrator.post("/api/learning-tasks/", {"description": "…"})
    assert (response.status_code, list(response.json())) == (400, ["title"])
    assert LearningTask.objects.count() == before


@pytest.mark.parametrize("body", ["[]", '"text"', "{", "null"])
def test_a_body_that_is_no_object_is_refused(body: str, as_instructor: APIClient) -> None:
    response = as_instructor.post("/api/learning-tasks/", body, content_type="application/json")
    assert response.status_code == 400
