"""People of every role, each with a client that speaks JSON for them; and databases to migrate."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from rest_framework.authtoken.models import Token

from tests.apps.baseline import fill
from tests.apps.databases import LEGACY, OTHERS, Postgresql, Sqlite, go_to, leaves, models, phase_3, postgresql_server
from tests.apps.openapi import DescribedClient
from tests.factories import UserFactory
from users.models import User

NUMBERS = count()
# Migrations and examples loop over what a release has, not over what users bring; races run the same lines at once.
LOOPS = {"test_contract", "test_migrations", "test_races", "test_services_page", "test_zero_downtime"}


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let no line of the platform repeat a statement, in whatever test."""
    if Path(__file__).parent == item.path.parent and item.path.stem not in LOOPS:
        item.add_marker(pytest.mark.queries(n_plus_one=3))


class Person:
    """Somebody who uses the API."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.client = DescribedClient(headers={"Authorization": f"Token {Token.objects.create(user=user).key}"})

    def get(self, path: str, **parameters: Any) -> HttpResponse:
        return self.client.get(f"/api/{path}", parameters)

    def post(self, path: str, **body: Any) -> HttpResponse:
        return self.client.post(f"/api/{path}", body, content_type="application/json")

    def put(self, path: str, **body: Any) -> HttpResponse:
        return self.client.put(f"/api/{path}", body, content_type="application/json")

    def patch(self, path: str, **body: Any) -> HttpResponse:
        return self.client.patch(f"/api/{path}", body, content_type="application/json")

    def delete(self, path: str) -> HttpResponse:
        return self.client.delete(f"/api/{path}")


@pytest.fixture
def student(db) -> Person:
    return Person(UserFactory(username="student"))


@pytest.fixture
def instructor(db) -> Person:
    return Person(UserFactory(username="instructor", role=User.Role.INSTRUCTOR))


@pytest.fixture
def administrator(db) -> Person:
    return Person(UserFactory(username="administrator", role=User.Role.ADMINISTRATOR))


@pytest.fixture
def people(student, instructor, administrator) -> dict[str, Person]:
    return {"student": student, "instructor": instructor, "administrator": administrator}


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory) -> Sqlite:
    return Sqlite(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql(django_db_blocker) -> Iterator[Postgresql]:
    with django_db_blocker.unblock(), postgresql_server() as server:
        yield server


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def engine(request) -> Sqlite | Postgresql:
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def baseline(engine, django_db_blocker):
    """The models of the baseline release; the database `baseline` has its schema and data on the boundaries.

    It is made once for each engine, however often the tests change between them.
    """
    if "baseline" not in engine.kept:
        with django_db_blocker.unblock(), engine.database("baseline"):
            go_to(LEGACY + OTHERS)
            engine.kept["baseline"] = models(*LEGACY, *OTHERS)
            fill(engine.kept["baseline"])
    return engine.kept["baseline"]


@pytest.fixture(scope="session")
def migrated(engine, baseline, django_db_blocker):
    """The models of phase 3; the database `migrated` is `baseline` after it."""
    if "migrated" not in engine.kept:
        with django_db_blocker.unblock(), engine.database("migrated", "baseline"):
            go_to(phase_3())
            engine.kept["migrated"] = models(*phase_3())
    return engine.kept["migrated"]


@pytest.fixture
def legacy(engine, baseline, django_db_blocker):
    """The models of the baseline release, on its schema."""
    with django_db_blocker.unblock(), engine.database(f"legacy {next(NUMBERS)}", "baseline"):
        yield baseline


@pytest.fixture
def phase3(engine, migrated, django_db_blocker):
    """The models of phase 3, on its schema, with the data of the baseline release."""
    with django_db_blocker.unblock(), engine.database(f"phase 3 {next(NUMBERS)}", "migrated"):
        yield migrated


@pytest.fixture
def phase6(engine, migrated, django_db_blocker):
    """The models of phase 6, on its schema, with the data of the baseline release."""
    with django_db_blocker.unblock(), engine.database(f"phase 6 {next(NUMBERS)}", "migrated"):
        go_to(leaves())
        yield models(*leaves())
