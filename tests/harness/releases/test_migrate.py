"""Migrating a release's database to targets and back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from harness.databases import Database
from harness.errors import AgentError
from harness.releases import Agent, open_agent
from harness.rollout import Rollout

FIRST, SECOND = ["shop", "0001_initial"], ["shop", "0002_nickname"]
THIRD = """
from django.db import migrations
class Migration(migrations.Migration):
    dependencies = [("shop", "{after}"), ("auth", "0012_alter_user_first_name_max_length")]
    operations = []
"""


@pytest.fixture
def agent(shop: Rollout, database: Database, log: Path) -> Iterator[Agent]:
    with open_agent(shop, shop.release[0], database, log=log) as agent:
        yield agent


@pytest.fixture
def migrated(shop: Rollout, filled: Database, log: Path) -> Iterator[Agent]:
    with open_agent(shop, shop.release[0], filled, log=log) as agent:
        yield agent


def add_migration(shop: Rollout, name: str, after: str) -> None:
    (Path(shop.folder) / "shop_project/shop/migrations" / f"{name}.py").write_text(THIRD.format(after=after))


def ask(database: Database, question: str) -> set[str]:
    with closing(database.connect()) as connection:
        return {row[0] for row in connection.execute(question)}


@pytest.mark.parametrize(
    ("targets", "applied"),
    [
        (["shop"], [FIRST, SECOND]),
        (["shop.0001"], [FIRST]),
        (["shop.0001_initial", "contenttypes.0001"], [FIRST, ["contenttypes", "0001_initial"]]),
        (["shop.zero"], []),
    ],
)
def test_targets_are_reached_in_one_plan(agent: Agent, targets: list[str], applied: list[list[str]]) -> None:
    assert agent.call("migrate", targets=targets) == {"applied": applied, "unapplied": []}


def test_a_plan_is_only_told_when_asked_so(patient: Agent) -> None:
    for _ in range(2):
        plan = patient.call("migrate", targets=["shop.zero"], plan_only=True)
        assert plan == {"applied": [], "unapplied": [SECOND, FIRST]}


def test_permissions_and_content_types_are_made(filled: Database) -> None:
    assert "view_customer" in ask(filled, "SELECT codename FROM auth_permission")
    assert "order" in ask(filled, "SELECT model FROM django_content_type WHERE app_label = 'shop'")


def test_going_back_to_a_target_tells_what_was_unapplied(migrated: Agent) -> None:
    assert migrated.call("migrate", targets=["shop.0001"]) == {"applied": [], "unapplied": [SECOND]}
    assert migrated.call("migrate", targets=["shop.zero"]) == {"applied": [], "unapplied": [FIRST]}


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("shopping", "names an app without migrations; apps with migrations are auth, contenttypes, shop"),
        ("shop.0003", "'shop' has no migration that begins with '0003'"),
        ("shop.000", "Several migrations of 'shop' begin with '000'"),
    ],
)
def test_a_target_that_does_not_exist_is_named(patient: Agent, target: str, sentence: str) -> None:
    with pytest.raises(AgentError, match=sentence):
        patient.call("migrate", targets=[target])


def test_exactly_the_named_migrations_are_unapplied_in_reverse_order(migrated: Agent, filled: Database) -> None:
    there = ask(filled, "SELECT app || name FROM django_migrations")
    assert migrated.call("unapply", migrations=[FIRST, SECOND]) == {"applied": [], "unapplied": [SECOND, FIRST]}
    gone = there - ask(filled, "SELECT app || name FROM django_migrations")
    assert gone == {"shop0001_initial", "shop0002_nickname"}


def test_what_is_not_applied_is_not_unapplied(agent: Agent) -> None:
    agent.call("migrate", targets=["shop.0001"])
    assert agent.call("unapply", migrations=[SECOND]) == {"applied": [], "unapplied": []}


def test_a_migration_that_another_one_needs_is_not_unapplied(migrated: Agent) -> None:
    with pytest.raises(AgentError, match=r"shop\.0001_initial cannot be unapplied alone: shop\.0002_nickname depends"):
        migrated.call("unapply", migrations=[FIRST])


def test_a_migration_that_this_release_does_not_have_is_not_unapplied(migrated: Agent, filled: Database) -> None:
    with closing(filled.connect()) as connection:
        connection.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('shop', '0009_gone', now())")
    with pytest.raises(AgentError, match=r"shop\.0009_gone is recorded as applied, but this release does not have it"):
        migrated.call("unapply", migrations=[["shop", "0009_gone"]])


def test_two_newest_migrations_are_a_conflict(shop: Rollout, database: Database, log: Path) -> None:
    add_migration(shop, "0002_other", "0001_initial")
    with (
        open_agent(shop, shop.release[0], database, log=log) as agent,
        pytest.raises(AgentError, match="shop: 0002_nick"),
    ):
        agent.call("migrate")


def test_migrations_of_other_apps_that_are_needed_come_along(shop: Rollout, database: Database, log: Path) -> None:
    add_migration(shop, "0003_needs_auth", "0002_nickname")
    with open_agent(shop, shop.release[0], database, log=log) as agent:
        applied = agent.call("migrate", targets=["shop"])["applied"]
    assert applied[-1] == ["shop", "0003_needs_auth"]
    assert ["auth", "0012_alter_user_first_name_max_length"] in applied
