"""Nobody tries passwords as fast as the server answers."""

import pytest
from django.core.cache import cache

from tests.apps.openapi import DescribedClient
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rates(settings):
    """Three tries for an address, two for a name."""
    cache.clear()
    settings.TOKEN_RATES = {"address": "3/minute", "username": "2/minute"}
    yield settings.TOKEN_RATES
    cache.clear()


def statuses(*usernames, **more):
    client = DescribedClient()
    body = {"password": "wrong"}
    return [
        client.post("/api/tokens/", body | {"username": name}, content_type="application/json", **more).status_code
        for name in usernames
    ]


def test_an_address_is_stopped_after_its_tries(rates):
    assert statuses("a", "b", "c", "d") == [400, 400, 400, 429]
    assert statuses("e", REMOTE_ADDR="192.0.2.1") == [400]


def test_a_name_is_stopped_after_its_tries_from_wherever_they_come():
    assert statuses("ada", REMOTE_ADDR="192.0.2.1") == [400]
    assert statuses(" ada", REMOTE_ADDR="192.0.2.2") == [400]
    assert statuses("ada", REMOTE_ADDR="192.0.2.3") == [429]
    assert statuses("bob", REMOTE_ADDR="192.0.2.3") == [400]


def test_the_right_password_does_not_help_who_tried_too_often(client):
    user = UserFactory(username="ada")
    user.set_password("a long password")
    user.save()
    statuses("ada", "ada")
    body = {"username": "ada", "password": "a long password"}
    answer = client.post("/api/tokens/", body, content_type="application/json")
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 60


def test_an_address_cannot_be_made_up():
    forged = [statuses(name, headers={"X-Forwarded-For": f"192.0.2.{ord(name)}"})[0] for name in "abcd"]
    assert forged == [400, 400, 400, 429]


def test_behind_a_proxy_the_address_is_the_one_that_the_proxy_saw(settings):
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": 1}
    sent = [f"made up {number}, 192.0.2.9" for number in range(4)]
    names = iter("abcd")
    assert [statuses(next(names), headers={"X-Forwarded-For": each})[0] for each in sent] == [400, 400, 400, 429]
    assert statuses("e", headers={"X-Forwarded-For": "192.0.2.10"}) == [400]


@pytest.mark.parametrize("body", ["[]", "1", '{"username": {"a": 1}}', '{"username": null}', "{", "{}"])
def test_strange_bodies_are_counted_too(client, rates, body):
    answers = [client.post("/api/tokens/", body, content_type="application/json").status_code for _ in range(4)]
    assert answers[0] == 400
    assert answers[-1] == 429


def test_without_a_rate_there_is_no_limit(settings):
    settings.TOKEN_RATES = {"address": None, "username": None}
    assert set(statuses(*["ada"] * 30)) == {400}
