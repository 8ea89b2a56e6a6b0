import pytest
from rest_framework.authtoken.models import Token

from tests.apps.problems import detail
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_a_password_gets_a_token(client):
    user = UserFactory(username="ada")
    user.set_password("a long password")
    user.save()
    body = {"username": "ada", "password": "a long password"}
    response = client.post("/api/tokens/", body, content_type="application/json")
    assert response.json() == {"token": Token.objects.get(user=user).key}


def test_a_wrong_password_gets_none(client):
    UserFactory(username="ada")
    response = client.post("/api/tokens/", {"username": "ada", "password": "x"}, content_type="application/json")
    assert response.status_code == 400
    assert not Token.objects.exists()


def test_without_a_token_nothing_is_shown(client):
    for path in ["users/me/", "courses/", "submissions/", "progress/"]:
        assert client.get(f"/api/{path}").status_code == 401


def test_everybody_sees_themselves(people):
    for role, person in people.items():
        own = person.get("users/me/").json()
        assert (own["username"], own["role"]) == (role, role)
        assert person.get(f"users/{person.user.pk}/").json() == own


def test_only_administrators_see_others(people):
    other = UserFactory()
    assert {role: person.get("users/").status_code for role, person in people.items()} == {
        "student": 403,
        "instructor": 403,
        "administrator": 200,
    }
    assert people["student"].get(f"users/{other.pk}/").status_code == 403
    shown = people["administrator"].get(f"users/{other.pk}/").json()
    assert shown == {
        "id": other.pk,
        "username": other.username,
        "first_name": "Ada",
        "last_name": "Lovelace",
        "email": other.email,
        "role": "student",
    }


def test_an_unknown_user_is_not_found(administrator):
    response = administrator.get("users/999999/")
    assert detail(response) == (404, "No User matches the given query.")


def test_lists_come_in_pages_of_at_most_200(administrator):
    UserFactory.create_batch(210)
    page = administrator.get("users/", page_size=1000).json()
    assert (page["count"], len(page["results"])) == (211, 200)
    assert len(administrator.get("users/").json()["results"]) == 50
    assert administrator.get("users/", page=99).status_code == 404
