"""The release, served on either database; people are made in the database, everything else through the API."""

import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from rest_framework.authtoken.models import Token

from tests.apps.databases import Postgresql, Sqlite, as_default, go_to, leaves, postgresql_server
from tests.factories import UserFactory
from tests.journeys.served import APPLICATION, PLATFORM, Person, served
from users.models import User

HERE = Path(__file__).parent
NUMBERS = count()
CARELESS = {
    "    @transaction.atomic\n": "",
    "return len(course.places)": "return len([place.task.refresh_from_db() for place in course.places])",
}


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let no line of the platform repeat a statement, as in the tests of its apps."""
    if item.path.parent == HERE:
        item.add_marker(pytest.mark.queries(n_plus_one=3))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A server and a database take their time."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.slow)


class Platform(NamedTuple):
    """The release, served: the port, and the URL of its database."""

    port: int
    database: str


@pytest.fixture(scope="session")
def on_postgresql(tmp_path_factory, django_db_blocker, served_queries) -> Iterator[Platform]:
    """The release on PostgreSQL."""
    with django_db_blocker.unblock(), postgresql_server() as server:
        yield from migrated_and_served(server, tmp_path_factory.mktemp("postgresql"), served_queries)


@pytest.fixture(scope="session")
def on_sqlite(tmp_path_factory, django_db_blocker, served_queries) -> Iterator[Platform]:
    """The release on SQLite."""
    folder = tmp_path_factory.mktemp("sqlite")
    with django_db_blocker.unblock():
        yield from migrated_and_served(Sqlite(folder), folder, served_queries)


def migrated_and_served(
    databases: Postgresql | Sqlite, folder: Path, served_queries: Callable[..., Any], code: Path = PLATFORM
) -> Iterator[Platform]:
    """The release on a new database; tests count what it asks."""
    with databases.database("journeys") as url:
        go_to(leaves())
    with (
        served_queries(APPLICATION) as watch,
        served(url, folder / "server.log", code, watch.wsgi, **watch.environment) as port,
    ):
        yield Platform(port, url)


@pytest.fixture(scope="session")
def careless(tmp_path_factory, django_db_blocker, served_queries) -> Iterator[Platform]:
    """A release that forgot that its requests are transactions, and that asks for each task of a course again."""
    folder = tmp_path_factory.mktemp("careless")
    code = folder / "platform"
    shutil.copytree(PLATFORM, code, ignore=shutil.ignore_patterns("legacy", "__pycache__", "*.sqlite3"))
    for path in code.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for careful, careless in CARELESS.items():
            text = text.replace(careful, careless)
        path.write_text(text, encoding="utf-8")
    with django_db_blocker.unblock():
        yield from migrated_and_served(Sqlite(folder), folder, served_queries, code)


@pytest.fixture(params=["on_sqlite", pytest.param("on_postgresql", marks=pytest.mark.postgres)])
def platform(request) -> Platform:
    """The release on either database."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def port(platform, django_db_blocker) -> Iterator[int]:
    """The port of the release, whose database is also that of the test."""
    with django_db_blocker.unblock(), as_default(platform.database):
        yield platform.port


@pytest.fixture
def somebody(port) -> Callable[..., Person]:
    """Makes people, each with a token."""

    def make(role: str = User.Role.STUDENT, **values: Any) -> Person:
        user = UserFactory(username=f"{role} {next(NUMBERS)}", role=role, **values)
        return Person(port, Token.objects.create(user=user).key)

    return make


@pytest.fixture
def student(somebody) -> Person:
    return somebody()


@pytest.fixture
def instructor(somebody) -> Person:
    return somebody(User.Role.INSTRUCTOR)


@pytest.fixture
def essay(instructor) -> int:
    """An assessment task of 10 points that suffice from 5 on."""
    return made(instructor.post("assessment-tasks/", title="Essay", max_score="10", passing_score="5"))


@pytest.fixture
def questions(instructor) -> list[int]:
    """Quiz tasks of 1, 2 and 3 points."""
    values = {"title": "Question", "passing_score": "0", "time_limit": 5}
    return [made(instructor.post("quiz-tasks/", max_score=str(points), **values)) for points in (1, 2, 3)]


@pytest.fixture
def quiz(instructor, questions) -> int:
    """A quiz of the questions."""
    quiz = made(instructor.post("quizzes/", title="Quiz"))
    for question in questions:
        assert instructor.post(f"quizzes/{quiz}/tasks/", task=question).status == 201
    return quiz


def made(answer: Any) -> int:
    """The id of what was made."""
    assert answer.status == 201, answer
    return int(answer.body["id"])
