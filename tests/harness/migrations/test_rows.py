"""Rows at the boundaries: what a release's own models may write, and what they can no longer write."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.databases import Database, Server
from harness.releases import Agent, open_agent
from harness.rollout import Release, Rollout, Source

SETTINGS = """
SECRET_KEY = "only for tests"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "club"]
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "nothing"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
"""
MODELS = """
import uuid

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.db.models.signals import post_save


class Person(models.Model):
    key = models.UUIDField(primary_key=True, default=uuid.uuid4)
    name = models.CharField(max_length=12)
    email = models.EmailField(unique=True, max_length=40)
    site = models.URLField(blank=True)
    slug = models.SlugField(unique=True)
    age = models.PositiveSmallIntegerField(null=True, validators=[MaxValueValidator(150)])
    height = models.FloatField(default=1.7)
    balance = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    born = models.DateField(null=True)
    seen = models.DateTimeField(auto_now=True)
    wakes = models.TimeField(null=True)
    patience = models.DurationField(null=True)
    extra = models.JSONField(default=dict)
    address = models.GenericIPAddressField(null=True)
    photo = models.BinaryField(null=True, max_length=20)
    paper = models.FileField(max_length=30, null=True)
    mood = models.CharField(max_length=5, choices=[("good", "Good"), ("bad", "Bad")], default="good")
    boss = models.ForeignKey("self", models.SET_NULL, null=True)
    is_member = models.BooleanField(default=False)


class Trainer(Person):
    licence = models.IntegerField(unique=True)


class Club(models.Model):
    name = models.CharField(max_length=20)
    low = models.IntegerField()
    high = models.IntegerField()
    members = models.ManyToManyField(Person)
    chair = models.OneToOneField(Person, models.CASCADE, related_name="chairs")

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("name"), name="club_name_uq"),
            models.CheckConstraint(condition=models.Q(high__lte=10**9), name="club_range_ck"),
        ]


class Membership(models.Model):
    person = models.ForeignKey(Person, models.CASCADE)
    club = models.ForeignKey(Club, models.CASCADE)
    since = models.DateField(auto_now_add=True)

    class Meta:
        unique_together = [("person", "club")]


class Shape(models.Field):
    def db_type(self, connection):
        return "point"


class Odd(models.Model):
    shape = Shape()


def shout(**kwargs):
    raise RuntimeError("a handler was called")


post_save.connect(shout, sender=Person)
"""
PER_MODEL = 8


@pytest.fixture(scope="module")
def club(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Agent, Database]]:
    """A project with a model of every kind of field, migrated, and its agent."""
    folder = tmp_path_factory.mktemp("club")
    (folder / "club" / "migrations").mkdir(parents=True)
    for package in ("club", "club/migrations"):
        (folder / package / "__init__.py").touch()
    (folder / "settings_of_club.py").write_text(SETTINGS)
    (folder / "club" / "models.py").write_text(MODELS)
    release = Release(name="club", path=".", settings="settings_of_club")
    rollout = Rollout(name="club", source=Source(release="club"), release=[release], phase=[], folder=str(folder))
    database = server.create("club")
    with open_agent(rollout, release, database, log=Path(folder / "agent.log")) as agent:
        agent.call("manage", arguments=["makemigrations", "club"])
        agent.call("migrate")
        yield agent, database
    server.drop(database)


@pytest.fixture(scope="module")
def written(club: tuple[Agent, Database]) -> dict[str, Any]:
    """What `write_rows` wrote."""
    return club[0].call("write_rows", per_model=PER_MODEL, seed=7)  # type: ignore[no-any-return]


def ask(database: Database, query: str) -> Any:
    """Return the first value of a query."""
    with database.connect() as connection:
        return connection.execute(query).fetchone()[0]


def test_every_model_of_the_project_gets_its_rows(club: tuple[Agent, Database], written: dict[str, Any]) -> None:
    counts = Counter(each["table"] for each in written["written"])
    assert counts["club_club"] == counts["club_membership"] == counts["club_club_members"] == PER_MODEL
    assert counts["club_trainer"] == PER_MODEL
    assert counts["club_person"] >= 2 * PER_MODEL
    assert "auth_permission" not in counts
    for table, count in counts.items():
        assert ask(club[1], f"SELECT count(*) FROM {table}") == count


def test_each_row_is_named_by_its_key(club: tuple[Agent, Database], written: dict[str, Any]) -> None:
    for each in written["written"]:
        [column], [key] = each["columns"], each["key"]
        assert ask(club[1], f"SELECT count(*) FROM {each['table']} WHERE {column}::text = '{key}'") == 1


@pytest.mark.parametrize(
    "condition",
    [
        "length(name) = 12 AND name ~ '[^ -~]'",
        "length(email) = 40",
        "age = 150",
        "age = 0",
        "age IS NULL",
        "balance = 9999.99",
        "balance = -9999.99",
        "balance IS NULL",
        "born = '0002-01-01'",
        "born = '9998-12-31'",
        "extra::text LIKE '%deep%'",
        "mood = 'bad'",
        "length(paper) = 30",
        "octet_length(photo) = 20",
        "site = ''",
        "boss_id IS NULL",
        "boss_id IS NOT NULL",
    ],
)
def test_the_boundaries_of_every_column_are_there(
    club: tuple[Agent, Database], written: dict[str, Any], condition: str
) -> None:
    assert written["written"]
    assert ask(club[1], f"SELECT count(*) FROM club_person WHERE {condition}") > 0


def test_what_could_not_be_written_is_named_with_its_reason(written: dict[str, Any]) -> None:
    refused = {(each["table"], each["column"]): each["reason"] for each in written["refused"]}
    assert "no sample value is known" in refused["club_odd", ""]
    assert "club_range_ck" in refused["club_club", "high"]
    assert set(refused) == {("club_odd", ""), ("club_club", "high")}


def test_values_respect_the_project_s_own_validators(club: tuple[Agent, Database], written: dict[str, Any]) -> None:
    assert written["written"]
    assert ask(club[1], "SELECT max(age) FROM club_person") == 150


def test_tries_leave_nothing_behind(club: tuple[Agent, Database], written: dict[str, Any]) -> None:
    agent, database = club
    before = ask(database, "SELECT count(*) FROM club_person")
    tried = agent.call("try_old_code")
    assert tried["tried"] > 100
    assert (
        ask(database, "SELECT count(*) FROM club_person")
        == before
        == len([each for each in written["written"] if each["table"] == "club_person"])
    )


def test_a_column_that_old_code_cannot_fill_is_named(club: tuple[Agent, Database], written: dict[str, Any]) -> None:
    agent, database = club
    known = {tuple(each.values()) for each in agent.call("try_old_code")["failures"]}
    with database.connect() as connection:
        connection.execute("ALTER TABLE club_membership ADD COLUMN level integer NOT NULL DEFAULT 1")
        connection.execute("ALTER TABLE club_membership ALTER COLUMN level DROP DEFAULT")
    new = [each for each in agent.call("try_old_code")["failures"] if tuple(each.values()) not in known]
    assert {(each["table"], each["verb"], each["column"]) for each in new} == {("club_membership", "insert", "level")}
    assert "null value in column" in new[0]["reason"]
