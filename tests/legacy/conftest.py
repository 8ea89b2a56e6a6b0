"""The suite of the baseline release, in a process of its own, since both releases have a package `config`:

    python -m pytest -c tests/legacy/pytest.toml tests/legacy

It runs on a test database of SQLite in memory, or on the server of DATABASE_URL. On a schema that went forward and
came back, run it on the (disposable) database itself, which is then neither created nor migrated nor emptied:

    DATABASE_URL=postgres://... python -m pytest -c tests/legacy/pytest.toml tests/legacy --existing-database

Rows that are there already do not disturb it, and every test takes its own rows back. Only the tests of the seed need
a database without users; on one with users they are skipped.
"""

from collections.abc import Callable
from decimal import Decimal
from importlib.util import find_spec
from typing import Any

import pytest

if find_spec("seeding") is None:
    raise pytest.UsageError("The baseline release has its own configuration: add -c tests/legacy/pytest.toml.")

from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from assessment.models import Quiz
from seeding import factories
from tasks.models import QuizTask
from users.models import User


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--existing-database",
        action="store_true",
        help="use the database of DATABASE_URL as it is instead of creating a test database",
    )


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest) -> None:
    """Create the test database as pytest-django does, unless the tests are to run on the one that exists."""
    if not request.config.getoption("--existing-database"):
        request.getfixturevalue("django_db_setup")


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def as_user(db: None) -> Callable[[User], APIClient]:
    """Return a client that sends the token of the user."""

    def connect(user: User) -> APIClient:
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Token {Token.objects.get_or_create(user=user)[0].key}")
        return client

    return connect


@pytest.fixture
def student(db: None) -> User:
    return factories.UserFactory()


@pytest.fixture
def instructor(db: None) -> User:
    return factories.UserFactory(instructor=True)


@pytest.fixture
def administrator(db: None) -> User:
    return factories.UserFactory(administrator=True)


@pytest.fixture
def as_student(as_user: Callable[[User], APIClient], student: User) -> APIClient:
    return as_user(student)


@pytest.fixture
def as_instructor(as_user: Callable[[User], APIClient], instructor: User) -> APIClient:
    return as_user(instructor)


@pytest.fixture
def as_administrator(as_user: Callable[[User], APIClient], administrator: User) -> APIClient:
    return as_user(administrator)


@pytest.fixture
def clients(as_student: APIClient, as_instructor: APIClient, as_administrator: APIClient) -> dict[str, APIClient]:
    """Return a client for each role, and one without a token."""
    return {
        "student": as_student,
        "instructor": as_instructor,
        "administrator": as_administrator,
        "anonymous": APIClient(),
    }


@pytest.fixture
def quiz_tasks(db: None) -> list[QuizTask]:
    """Return three tasks of 10, 20.50 and 5 points."""
    scores = (Decimal("10.00"), Decimal("20.50"), Decimal("5.00"))
    return [factories.QuizTaskFactory(max_score=score, passing_score="2.50") for score in scores]


@pytest.fixture
def quiz(quiz_tasks: list[QuizTask]) -> Quiz:
    return factories.QuizFactory(title="Graphs", tasks=quiz_tasks)
