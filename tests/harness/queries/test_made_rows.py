"""Rows for a project that gives none: in every table of its apps and of installed ones, and fit to be followed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.databases import Database, Server
from harness.releases import open_agent
from harness.rollout import Release, Rollout, Source

SETTINGS = """
import os
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "site-packages"))
SECRET_KEY = "only for tests"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "pages", "own"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "/nowhere.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
"""
PAGES = """
from django.contrib.contenttypes.models import ContentType
from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=50, unique=True)


class Page(models.Model):
    kind = models.ForeignKey(ContentType, models.CASCADE)
    author = models.ForeignKey(Author, models.CASCADE, null=True)
    depth = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
"""
OWN = """
from django.db import models
from pages.models import Page


class Home(Page):
    text = models.TextField()
"""
FILES = {
    "settings.py": SETTINGS,
    "site-packages/pages/__init__.py": "",
    "site-packages/pages/models.py": PAGES,
    "own/__init__.py": "",
    "own/models.py": OWN,
}


@pytest.fixture(scope="module")
def made(files: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, Database]]:
    """What `make_rows` says, and the database that it filled."""
    folder = tmp_path_factory.mktemp("pages")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    release = Release(name="pages", path=".", settings="settings")
    rollout = Rollout(name="pages", source=Source(release="pages"), release=[release], phase=[], folder=str(folder))
    database = files.create("pages")
    with open_agent(rollout, release, database, log=Path(folder) / "agent.log") as agent:
        agent.call("manage", arguments=["migrate", "--run-syncdb", "--verbosity", "0"])
        said = agent.call("make_rows", rows=7)
    yield said, database
    files.drop(database)


def one(database: Database, sql: str) -> Any:
    connection = database.connect()
    try:
        return connection.execute(sql).fetchone()[0]
    finally:
        connection.close()


def test_every_app_but_djangos_own_gets_rows_and_there_are_users(made: tuple[Any, Database]) -> None:
    said, database = made

    assert {table: said[table] for table in ("pages_author", "own_home", "auth_user")} == {
        "pages_author": 7,
        "own_home": 7,
        "auth_user": 7,
    }
    assert "auth_group" not in said
    assert one(database, "SELECT COUNT(*) FROM pages_page") >= 7


def test_rows_lead_to_as_many_others_and_none_leads_nowhere(made: tuple[Any, Database]) -> None:
    assert one(made[1], "SELECT COUNT(DISTINCT author_id) FROM pages_page") == 7
    assert one(made[1], "SELECT COUNT(*) FROM pages_page WHERE author_id IS NULL") == 0


def test_a_row_of_a_child_is_noted_as_what_it_is(made: tuple[Any, Database]) -> None:
    kinds = one(
        made[1],
        "SELECT GROUP_CONCAT(DISTINCT model) FROM pages_page JOIN own_home ON page_ptr_id = pages_page.id "
        "JOIN django_content_type ON django_content_type.id = kind_id",
    )

    assert kinds == "home"


def test_numbers_are_small_because_a_project_may_do_as_much_work(made: tuple[Any, Database]) -> None:
    assert one(made[1], "SELECT MAX(depth) FROM pages_page") < 100
