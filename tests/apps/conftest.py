"""People of every role, each with a client that speaks JSON for them."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from rest_framework.authtoken.models import Token

from tests.factories import UserFactory
from users.models import User


class Person:
    """Somebody who uses the API."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.client = Client(headers={"Authorization": f"Token {Token.objects.create(user=user).key}"})

    def get(self, path: str, **parameters: Any) -> HttpResponse:
        return self.client.get(f"/api/{path}", parameters)

    def post(self, path: str, **body: Any) -> HttpResponse:
        return self.client.post(f"/api/{path}", body, content_type="application/json")

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
