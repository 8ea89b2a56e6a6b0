"""Every refusal is a problem (RFC 9457) in which clients of the baseline release still find what they read."""

import json
import re

import pytest
from django.test import Client
from rest_framework.authtoken.models import Token
from rest_framework.exceptions import Throttled, ValidationError

from core.errors_to_http import respond
from core.exceptions import Conflict, Invalid
from core.parsers import LARGEST_BODY
from learning.services import CourseService
from tests.apps.openapi import document
from tests.factories import CourseFactory, LearningTaskFactory, QuizTaskFactory, SubmissionFactory

pytestmark = pytest.mark.django_db


def raw(person, body, content_type="application/json", path="/api/courses/"):
    return person.client.post(path, body, content_type=content_type)


def bearer(person):
    """For a client that does not look into the OpenAPI document, which lists no 406 and no 500."""
    return {"Authorization": f"Token {Token.objects.get(user=person.user).key}"}


def refusals(student, administrator, client):
    """One request for every way to be refused, and what it is answered."""
    course = CourseFactory(tasks=[LearningTaskFactory()])
    present = course.tasks.get().pk
    return {
        "not_authenticated": (client.get("/api/courses/"), 401),
        "authentication_failed": (client.get("/api/courses/", headers={"Authorization": "Token x"}), 401),
        "permission_denied": (student.post("courses/", title="New"), 403),
        "not_found": (student.get("courses/999999/"), 404),
        "method_not_allowed": (student.put("users/me/"), 405),
        "conflict": (administrator.post(f"courses/{course.pk}/tasks/", task=present), 409),
        "parse_error": (raw(administrator, "{"), 400),
        "unsupported_media_type": (raw(administrator, "<a/>", "application/xml"), 415),
        "too_large": (raw(administrator, '{"title": "' + "x" * LARGEST_BODY + '"}'), 413),
        "not_acceptable": (client.get("/api/courses/", headers=bearer(student) | {"Accept": "text/csv"}), 406),
    }


def test_every_refusal_is_a_problem_with_one_sentence(student, administrator, client):
    for code, (response, status) in refusals(student, administrator, client).items():
        assert response["Content-Type"] == "application/problem+json", code
        problem = response.json()
        assert list(problem) == ["type", "title", "status", "code", "detail"]
        assert (problem["status"], problem["code"]) == (status, code)
        assert response.status_code == status
        assert problem["detail"]


def test_a_wrong_body_names_every_field_for_old_and_new_clients(administrator):
    response = administrator.post("quiz-tasks/", title="", max_score="x", passing_score=1, time_limit=1)
    assert response["Content-Type"] == "application/problem+json"
    assert response.json() == {
        "type": "about:blank",
        "title": ["This field may not be blank."],
        "status": 400,
        "code": "invalid",
        "errors": [
            {"field": "title", "code": "blank", "detail": "This field may not be blank."},
            {"field": "max_score", "code": "invalid", "detail": "A valid number is required."},
        ],
        "max_score": ["A valid number is required."],
    }


def test_a_rule_of_a_service_is_told_like_a_wrong_field(administrator):
    submission = SubmissionFactory()
    problem = administrator.post(f"submissions/{submission.pk}/grade/", grade=11).json()
    message = "The grade must not exceed the maximum score of the task."
    assert problem["grade"] == [message]
    assert problem["errors"] == [{"field": "grade", "code": "invalid", "detail": message}]
    assert (problem["title"], problem["status"], "detail" in problem) == ("Bad Request", 400, False)


def test_what_is_wrong_as_a_whole_has_no_field(client):
    problem = client.post("/api/tokens/", {"username": "ada", "password": "x"}, content_type="application/json").json()
    assert [(each["field"], each["code"]) for each in problem["errors"]] == [("", "authorization")]
    assert problem["non_field_errors"] == [problem["errors"][0]["detail"]]


def test_an_error_without_fields_is_told_as_a_whole():
    body = respond(ValidationError("No."), {}).data
    assert (body["non_field_errors"], body["errors"]) == (["No."], [{"field": "", "code": "invalid", "detail": "No."}])


def test_errors_inside_lists_are_named_by_their_place():
    body = respond(Invalid(grades=[{}, {"grade": "Too much."}]), {}).data
    assert body["grades"] == [{}, {"grade": ["Too much."]}]
    assert body["errors"] == [{"field": "grades.1.grade", "code": "invalid", "detail": "Too much."}]


def test_headers_that_belong_to_a_refusal_stay(client):
    assert client.get("/api/courses/")["WWW-Authenticate"] == "Token"
    response = respond(Throttled(wait=3), {})
    assert (response["Retry-After"], response.data["status"], response.data["code"]) == ("3", 429, "throttled")


def test_a_refusal_takes_back_what_was_written_in_its_request(administrator, monkeypatch):
    def refuse(self, course):
        raise Conflict

    course = CourseFactory()
    monkeypatch.setattr("learning.repositories.CourseRepository.with_tasks", refuse)
    assert administrator.post(f"courses/{course.pk}/tasks/", task=LearningTaskFactory().pk).status_code == 409
    assert not course.tasks.exists()


def test_an_error_that_nobody_expected_is_not_hidden():
    assert respond(ValueError("unexpected"), {}) is None


def test_what_no_view_answers_is_a_problem_too(student, client, monkeypatch):
    def fail(self):
        raise ValueError("a secret")

    unknown = client.get("/api/nothing/")
    monkeypatch.setattr(CourseService, "all", fail)
    client.raise_request_exception = False
    failed = client.get("/api/courses/", headers=bearer(student))
    refused = Client(headers={"Host": "evil.example"}).get("/api/courses/")
    for response, status in [(unknown, 404), (failed, 500), (refused, 400)]:
        assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
        assert (response.json()["status"], "secret" in response.content.decode()) == (status, False)


@pytest.mark.parametrize("path", document()["paths"])
def test_every_path_says_what_it_is_for(administrator, client, path):
    answer = client.options(re.sub(r"{\w+}", "1", path), headers=bearer(administrator))
    assert (answer.status_code, answer.json()["parses"]) == (200, ["application/json"])


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("courses/", {"title": "New", "description": "x" * 100_001}),
        ("quizzes/", {"title": "New", "description": "x" * 100_001}),
        ("learning-tasks/", {"title": "New", "description": "x" * 100_001}),
    ],
)
def test_texts_have_a_limit(administrator, path, body):
    assert list(administrator.post(path, **body).json()["errors"][0].items())[:2] == [
        ("field", "description"),
        ("code", "max_length"),
    ]
    assert administrator.post(path, **body | {"description": "x" * 100_000}).status_code == 201


def test_the_longest_text_fits_into_a_body_however_it_is_escaped(student):
    task = QuizTaskFactory()
    body = json.dumps({"task": task.pk, "content": "\N{GRINNING FACE}" * 100_000})
    assert len(body) > 1_200_000
    assert raw(student, body, path="/api/submissions/").status_code == 201


@pytest.mark.parametrize("number", ["1" * 400, 10**400, -1, 0, 2**63, "x", None, True, [], {}, 1.5, "NaN"])
def test_no_number_is_too_strange_to_be_refused(administrator, student, number):
    submission = SubmissionFactory()
    answers = [
        administrator.post(f"courses/{CourseFactory().pk}/tasks/", task=number),
        administrator.put(f"courses/{CourseFactory().pk}/tasks/", tasks=[number]),
        administrator.post("submissions/grades/", grades=[{"submission": number, "grade": 1}]),
        administrator.post("courses/", title="New", instructor=number if number is not None else -1),
        administrator.get(f"assessment-tasks/{submission.task.pk}/submissions/", user=str(number)),
        student.post("submissions/", task=number, content="Mine"),
    ]
    assert {response.status_code for response in answers} <= {200, 400, 404, 409}
    assert administrator.post(f"submissions/{submission.pk}/grade/", grade=number).status_code in (200, 400)
