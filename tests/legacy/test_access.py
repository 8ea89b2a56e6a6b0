"""Who may do what: every operation of the API, asked by every role and without a token."""

import json
from typing import NamedTuple

import pytest
from rest_framework.test import APIClient

from assessment.models import Quiz
from seeding import factories
from users.models import User

EVERYBODY = ("student", "instructor", "administrator")
TEACHERS = ("instructor", "administrator")


class Access(NamedTuple):
    request: str
    allow: tuple[str, ...]
    success: int = 200
    body: dict[str, object] = {}
    refusal: int = 403


OPERATIONS = [
    Access("GET /api/users/me/", EVERYBODY),
    Access("GET /api/users/", ("administrator",)),
    Access("GET /api/users/{stranger}/", ("administrator",)),
    Access("GET /api/courses/", EVERYBODY),
    Access("GET /api/courses/{course}/", EVERYBODY),
    Access("POST /api/courses/", TEACHERS, 201, {"title": "New"}),
    Access("PATCH /api/courses/{course}/", TEACHERS, 200, {"title": "Other"}),
    Access("DELETE /api/courses/{course}/", ("administrator",), 204),
    Access("POST /api/courses/{course}/tasks/", TEACHERS, 201, {"task": "learning_task"}),
    Access("DELETE /api/courses/{course}/tasks/{taught_task}/", TEACHERS, 204),
    Access("GET /api/learning-tasks/", EVERYBODY),
    Access("GET /api/learning-tasks/{learning_task}/", EVERYBODY),
    Access("POST /api/learning-tasks/", TEACHERS, 201, {"title": "Read"}),
    Access("GET /api/assessment-tasks/", EVERYBODY),
    Access("GET /api/assessment-tasks/{task}/", EVERYBODY),
    Access("POST /api/assessment-tasks/", TEACHERS, 201, {"title": "Essay", "max_score": "9", "passing_score": "4"}),
    Access("GET /api/quiz-tasks/", EVERYBODY),
    Access(
        "POST /api/quiz-tasks/", TEACHERS, 201, {"title": "Q", "max_score": "9", "passing_score": "4", "time_limit": 5}
    ),
    Access("GET /api/submissions/", EVERYBODY),
    Access("GET /api/submissions/{submission}/", TEACHERS, refusal=404),
    Access("POST /api/submissions/", ("student",), 201, {"task": "task", "content": "Mine."}),
    Access("POST /api/submissions/{submission}/grade/", TEACHERS, 200, {"grade": "0"}),
    Access("GET /api/quizzes/", EVERYBODY),
    Access("GET /api/quizzes/{quiz}/", EVERYBODY),
    Access("POST /api/quizzes/", TEACHERS, 201, {"title": "Quiz"}),
    Access("POST /api/quizzes/{quiz}/tasks/", TEACHERS, 201, {"task": "quiz_task"}),
    Access("GET /api/progress/", EVERYBODY),
    Access("GET /api/progress/{progress}/", TEACHERS, refusal=404),
    Access("POST /api/quizzes/{quiz}/complete/", ("student",), 200, {"task": "quizzed_task"}),
]


@pytest.fixture
def ids(instructor: User, quiz: Quiz) -> dict[str, int]:
    """Return the id of an object of each kind; the private ones belong to nobody who asks."""
    taught = factories.LearningTaskFactory()
    submission = factories.SubmissionFactory()
    objects = {
        "stranger": submission.user,
        "course": factories.CourseFactory(instructor=instructor, tasks=[taught]),
        "taught_task": taught,
        "learning_task": factories.LearningTaskFactory(),
        "task": submission.task,
        "submission": submission,
        "quiz": quiz,
        "quiz_task": factories.QuizTaskFactory(),
        "quizzed_task": quiz.tasks.order_by("id")[0],
        "progress": factories.UserProgressFactory(quiz=quiz),
    }
    return {name: instance.pk for name, instance in objects.items()}


@pytest.mark.parametrize("role", [*EVERYBODY, "anonymous"])
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.request)
def test_each_operation_is_open_to_those_who_may(
    operation: Access, role: str, clients: dict[str, APIClient], ids: dict[str, int]
) -> None:
    method, path = operation.request.format(**ids).split()
    body = {key: ids.get(value, value) if key == "task" else value for key, value in operation.body.items()}
    response = clients[role].generic(method, path, data=json.dumps(body), content_type="application/json")
    expected = 401 if role == "anonymous" else operation.success if role in operation.allow else operation.refusal
    assert response.status_code == expected, response.content


@pytest.mark.parametrize("request_line", ["PATCH /api/courses/{course}/", "POST /api/courses/{course}/tasks/"])
def test_an_instructor_may_not_change_the_course_of_another(
    request_line: str, as_instructor: APIClient, ids: dict[str, int]
) -> None:
    ids["course"] = factories.CourseFactory().pk
    method, path = request_line.format(**ids).split()
    response = as_instructor.generic(method, path, data='{"title": "Mine", "task": 1}', content_type="application/json")
    assert response.status_code == 403


def test_a_course_of_nobody_is_changed_by_administrators_only(
    as_instructor: APIClient, as_administrator: APIClient
) -> None:
    path = f"/api/courses/{factories.CourseFactory(instructor=None).pk}/"
    assert as_instructor.patch(path, {"title": "Mine"}).status_code == 403
    assert as_administrator.patch(path, {"title": "Ours"}).status_code == 200


def test_an_instructor_who_became_a_student_loses_the_course(as_instructor: APIClient, instructor: User) -> None:
    course = factories.CourseFactory(instructor=instructor)
    User.objects.filter(pk=instructor.pk).update(role="student")
    assert as_instructor.patch(f"/api/courses/{course.pk}/", {"title": "Still mine"}).status_code == 403


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_method_without_meaning_is_refused(method: str, as_administrator: APIClient, ids: dict[str, int]) -> None:
    response = as_administrator.generic(method, f"/api/quizzes/{ids['quiz']}/")
    assert response.status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "users/{id}/", "courses/{id}/", "learning-tasks/{id}/", "assessment-tasks/{id}/", "submissions/{id}/",
        "quizzes/{id}/", "progress/{id}/",
    ],
)  # fmt: skip
@pytest.mark.parametrize("unknown", [0, 2**62, 2**80])
def test_what_does_not_exist_is_not_found(path: str, unknown: int, as_administrator: APIClient) -> None:
    response = as_administrator.get("/api/" + path.format(id=unknown))
    assert response.status_code == 404
    assert "detail" in response.json()
