"""Hand in, be graded, see the grade."""

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher

from tests.journeys.served import Person
from users.models import User


@pytest.mark.queries(at_most=29)
def test_hand_in_be_graded_and_see_the_grade(somebody, student, instructor, essay):
    handed_in = student.post("submissions/", task=essay, content="What I found out")
    mine = f"submissions/{handed_in.body['id']}/"
    assert (handed_in.status, handed_in.body["grade"]) == (201, None)
    assert student.post("submissions/", task=essay, content="Better").status == 409
    assert student.request("PUT", mine, {"content": "What I really found out"}).status == 200

    assert [one["id"] for one in instructor.get(f"submissions/?task={essay}").body["results"]] == [handed_in.body["id"]]
    assert student.post(f"{mine}grade/", grade="10").status == 403
    assert instructor.post(f"{mine}grade/", grade="10.01").status == 400
    assert instructor.post(f"{mine}grade/", grade="7.50").status == 200
    assert student.request("PUT", mine, {"content": "Too late"}).status == 409

    seen = student.get(mine).body
    assert (seen["grade"], seen["passed"], seen["content"]) == ("7.50", True, "What I really found out")
    assert somebody().get(mine).status == 404
    assert Person(student.port).get(mine).status == 401


def test_who_has_a_password_gets_a_token_and_in(somebody, port):
    password = PBKDF2PasswordHasher().encode("a long password", "salt")
    somebody(User.Role.STUDENT, first_name="Grace", password=password)
    name = User.objects.get(first_name="Grace").username
    assert Person(port).post("tokens/", username=name, password="a wrong one").status == 400
    token = Person(port).post("tokens/", username=name, password="a long password").body["token"]
    assert Person(port, token).get("users/me/").body["username"] == name
