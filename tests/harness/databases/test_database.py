"""A database and its password."""

from __future__ import annotations

import msgspec
import pytest

from harness.databases import Database, Secret

DATABASE = Database(
    engine="postgresql", name="shop", host="db.example.org", port=6432, user="ada", password=Secret("s3cret")
)


def test_a_password_is_not_shown() -> None:
    assert "s3cret" not in f"{DATABASE} {DATABASE!r} {[DATABASE]} {DATABASE.password}"


def test_a_password_does_not_get_into_json() -> None:
    with pytest.raises(TypeError):
        msgspec.json.encode(DATABASE)


def test_django_learns_where_the_database_is() -> None:
    assert DATABASE.settings() == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "shop",
        "USER": "ada",
        "PASSWORD": "s3cret",
        "HOST": "db.example.org",
        "PORT": "6432",
        "OPTIONS": {},
    }


def test_parameters_leave_out_what_is_not_set() -> None:
    assert DATABASE.parameters(with_password=False) == {
        "dbname": "shop", "host": "db.example.org", "port": 6432, "user": "ada",
    }  # fmt: skip


def test_equal_passwords_make_equal_databases() -> None:
    assert msgspec.structs.replace(DATABASE, password=Secret("s3cret")) == DATABASE
    assert msgspec.structs.replace(DATABASE, password=Secret("other")) != DATABASE
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2
