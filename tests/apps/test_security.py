"""What holds for the API as a whole, whatever is added to it."""

import re
from pathlib import Path

import pytest

from core.models import Course
from tests.apps.openapi import DescribedClient, document
from tests.factories import CourseFactory, SubmissionFactory, UserFactory
from users.models import User

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "security.md"
OPERATIONS = [(path, method) for path, operations in document()["paths"].items() for method in operations]
HOSTILE = [
    "' OR '1'='1",
    "1; DROP TABLE users_user",
    "1) UNION SELECT password FROM users_user --",
    "%",
    "\\",
    "1e9",
    "٣x",
]


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_nothing_but_a_token_is_to_be_had_without_one(path, method):
    answer = DescribedClient().generic(method.upper(), re.sub(r"\{\w+\}", "1", path), "{}", "application/json")
    assert answer.status_code == (400 if path == "/api/tokens/" else 401)


@pytest.mark.parametrize("token", ["", "x", "Token", "Token " + "0" * 40, "Bearer {}", "Token {} {}"])
def test_a_header_that_is_not_the_token_opens_nothing(administrator, token):
    key = administrator.user.auth_token.key
    answer = DescribedClient(headers={"Authorization": token.format(key, key)}).get("/api/users/me/")
    assert answer.status_code == 401


def test_who_is_not_active_any_more_is_out(student):
    User.objects.filter(pk=student.user.pk).update(is_active=False)
    assert student.get("users/me/").status_code == 401


def test_no_answer_has_a_place_for_a_secret():
    schemas = document()["components"]["schemas"]
    named = {
        name for name, schema in schemas.items() if {"password", "token", "key"} & set(schema.get("properties", {}))
    }
    assert named == {"TokenInput", "TokenOutput"}


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_text_is_a_value_and_never_sql(instructor, administrator, value):
    SubmissionFactory()
    assert instructor.get("submissions/", task=value).status_code == 400
    assert administrator.post("courses/", title=value).status_code == 201
    assert Course.objects.get().title == value
    assert User.objects.filter(username="administrator").exists()


def test_markup_is_data_and_browsers_are_told_so(administrator):
    course = CourseFactory(title="<script>alert(1)</script>")
    answer = administrator.get(f"courses/{course.pk}/")
    assert answer.json()["title"] == course.title
    assert answer["Content-Type"] == "application/json"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"


def test_values_that_nobody_may_set_are_passed_over(student, instructor):
    submission = SubmissionFactory(user=student.user)
    other = UserFactory()
    body = {"content": "New", "user": other.pk, "grade": "10", "id": 1, "task": 1}
    assert student.put(f"submissions/{submission.pk}/", **body).status_code == 200
    before = (submission.user_id, submission.task_id, None)
    submission.refresh_from_db()
    assert (submission.user_id, submission.task_id, submission.grade) == before


def test_every_measure_of_the_page_names_a_test_that_exists():
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE.read_text(encoding="utf-8"))
    assert len(named) > 20
    missing = [(path, name) for path, name in named if f"def {name}(" not in (ROOT / path).read_text(encoding="utf-8")]
    assert missing == []


def test_every_row_of_the_page_names_a_test():
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    assert [row for row in rows if "::test_" not in row and not row.startswith(("| measure", "| ---"))] == []
