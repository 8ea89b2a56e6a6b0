import pytest
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from paging import last
from seeding import factories
from users.models import User


@pytest.fixture
def user_with_password(db: None) -> User:
    user = factories.UserFactory()
    user.set_password("open sesame")
    user.save()
    return user


def test_a_token_is_given_for_name_and_password(user_with_password: User) -> None:
    credentials = {"username": user_with_password.username, "password": "open sesame"}
    response = APIClient().post("/api/tokens/", credentials)
    assert response.json() == {"token": Token.objects.get(user=user_with_password).key}
    assert APIClient().post("/api/tokens/", credentials).json() == response.json()


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"password": "wrong"}, "non_field_errors"), ({"username": ""}, "username"), ({"password": None}, "password")],
)
def test_no_token_is_given_for_anything_else(user_with_password: User, changes: dict[str, str], field: str) -> None:
    credentials = {"username": user_with_password.username, "password": "open sesame", **changes}
    response = APIClient().post("/api/tokens/", credentials)
    assert response.status_code == 400
    assert list(response.json()) == [field]


def test_an_inactive_user_is_turned_away(user_with_password: User, as_user) -> None:
    client = as_user(user_with_password)
    User.objects.filter(pk=user_with_password.pk).update(is_active=False)
    credentials = {"username": user_with_password.username, "password": "open sesame"}
    assert client.get("/api/users/me/").status_code == 401
    assert APIClient().post("/api/tokens/", credentials).status_code == 400


def test_a_wrong_token_is_turned_away(db: None) -> None:
    client = APIClient(HTTP_AUTHORIZATION="Token 0123")
    assert client.get("/api/courses/").status_code == 401


def test_one_sees_oneself(as_user) -> None:
    user = factories.UserFactory(instructor=True, first_name="Zoë", last_name="李", email="zoe@example.org")
    expected = {
        "id": user.pk,
        "username": user.username,
        "first_name": "Zoë",
        "last_name": "李",
        "email": "zoe@example.org",
        "role": "instructor",
    }
    assert as_user(user).get("/api/users/me/").json() == expected
    assert as_user(user).get(f"/api/users/{user.pk}/").json() == expected


def test_an_administrator_lists_users(as_administrator: APIClient) -> None:
    user = factories.UserFactory()
    [listed] = last(as_administrator, "/api/users/")
    assert listed == as_administrator.get(f"/api/users/{user.pk}/").json()
    assert "password" not in listed
