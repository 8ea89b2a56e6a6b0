"""What a load balancer reads at /healthz."""

import json

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from core import health
from tests.apps.databases import as_default

NEWEST = ("users", "0001_initial")


@pytest.fixture
def forgotten(db):
    """The database without the last migration of an app."""
    MigrationRecorder.Migration.objects.filter(app=NEWEST[0], name=NEWEST[1]).delete()


def test_all_is_well(client, db, queries):
    health.known()
    with queries(exactly=2):
        answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "database": "reachable", "migrations": "applied"}
    assert "no-store" in answer["Cache-Control"]


def test_a_release_does_not_serve_without_its_migrations(client, forgotten):
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "unavailable", "database": "reachable", "migrations": "missing"}


def test_a_release_serves_before_its_contract_migration(client, forgotten, monkeypatch):
    monkeypatch.setattr(health, "known", lambda: {NEWEST: True, ("auth", "0001_initial"): False})
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["migrations"]) == (200, "pending")


def test_a_release_serves_on_the_schema_of_phase_3(client, phase3):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["migrations"]) == (200, "pending")


def test_an_earlier_release_serves_on_a_newer_schema(client, db):
    MigrationRecorder(connection).record_applied("core", "9999_newer")
    assert client.get("/healthz").json()["migrations"] == "applied"


def test_a_database_without_any_migration_is_not_served(client, engine, django_db_blocker):
    with django_db_blocker.unblock(), engine.database("without migrations"):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["migrations"]) == (503, "missing")


@pytest.mark.parametrize("url", ["postgres://ada:secret@127.0.0.1:1/platform", "sqlite:////nowhere/platform.sqlite3"])
def test_a_database_that_does_not_answer_is_no_secret_and_gives_none_away(client, django_db_blocker, url, caplog):
    with django_db_blocker.unblock(), as_default(url):
        answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "unavailable", "database": "unreachable", "migrations": "unknown"}
    assert issubclass(caplog.records[0].exc_info[0], OperationalError)
    assert "secret" not in json.dumps(answer.json()) + caplog.text


def test_it_is_only_read(client, db):
    assert client.post("/healthz").status_code == 405
