"""What ``harness migrations`` makes of the rows that it makes up itself, and of projects that are not like others."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.harness.migrations.scratch import Project, Run
from tests.harness.migrations.test_command import NULLABLE

TO_JSON = 'migrations.AlterField("item", "name", models.JSONField())'
REQUIRED = "migrations.RunSQL('ALTER TABLE \"shop_item\" ADD COLUMN \"must\" integer NOT NULL', '')"
IMPORTS = "def look(apps, editor):\n    editor.connection.cursor().execute('SELECT later FROM shop_category')\n"
ONE_OF_EACH = """def add(apps, editor):
    assert not apps.get_model("shop", "item").objects.exists()
"""


def _hazards(run: Run, *arguments: str) -> dict[str, list[dict[str, Any]]]:
    """Return the hazards by migration."""
    documents = json.loads(run("--from", "shop.0001", "--format", "json", *arguments)[1])
    found: dict[str, list[dict[str, Any]]] = {}
    for each in documents:
        found.setdefault(each["migration"], []).extend(each["hazards"])
    return found


def _codes(hazards: list[dict[str, Any]]) -> set[str]:
    return {each["code"] for each in hazards}


@pytest.fixture
def shop(project: Project) -> Project:
    """A shop whose table of items is empty until the harness fills it."""
    project.app("shop", rows=0)
    return project


def test_failing_on_some_made_up_rows_is_no_failure_and_the_history_goes_on(shop: Project, run: Run) -> None:
    shop.migration("shop", "0002_json", TO_JSON)
    shop.migration("shop", "0003_more", NULLABLE)
    found = _hazards(run)
    assert _codes(found["0002_json"]) >= {"fails-on-some-rows", "rewrite-blocks-reads"}
    assert "migration-fails" not in _codes(found["0002_json"])
    rewrite = next(each for each in found["0002_json"] if each["code"] == "rewrite-blocks-reads")
    assert rewrite["severity"] == "high"
    assert found["0003_more"] == []


def test_failing_on_whatever_row_is_a_failure(shop: Project, run: Run) -> None:
    shop.migration("shop", "0002_must", REQUIRED)
    [failure] = [each for each in _hazards(run)["0002_must"] if each["code"] == "migration-fails"]
    assert "as soon as the table has a row" in failure["why"]
    assert failure["severity"] == "high"


def test_code_that_knows_columns_of_later_is_a_failure(shop: Project, run: Run) -> None:
    body = IMPORTS.replace("    editor", "    if apps.get_model('shop', 'item').objects.exists():\n        editor")
    shop.migration("shop", "0002_look", "migrations.RunPython(look, look)", more=body)
    [failure] = [each for each in _hazards(run)["0002_look"] if each["code"] == "migration-fails"]
    assert "apps.get_model" in failure["instead"]


def test_a_failure_without_made_up_rows_stays_one(shop: Project, run: Run) -> None:
    shop.migration("shop", "0002_bad", "migrations.RunSQL('SELECT 1 / 0', '')")
    shop.migration("shop", "0003_more", NULLABLE)
    code, out, _ = run("--from", "shop.0001")
    assert code == 1
    assert "migration-fails" in out
    assert "fails-on-some-rows" not in out


def test_python_that_wants_a_table_to_be_empty_depends_on_rows(shop: Project, run: Run) -> None:
    shop.migration("shop", "0002_add", "migrations.RunPython(add, migrations.RunPython.noop)", more=ONE_OF_EACH)
    assert _codes(_hazards(run)["0002_add"]) == {"fails-on-some-rows"}


def test_the_query_for_rows_that_break_it_is_told(shop: Project, run: Run) -> None:
    unique = 'migrations.AlterField("item", "quantity", models.IntegerField(unique=True))'
    same = "migrations.RunSQL('UPDATE shop_item SET quantity = 1', '')"
    shop.migration("shop", "0002_same", same)
    shop.migration("shop", "0003_unique", unique)
    [refused] = [each for each in _hazards(run)["0003_unique"] if each["code"] == "fails-on-some-rows"]
    query = 'SELECT "quantity", count(*) FROM "shop_item" GROUP BY "quantity" HAVING count(*) > 1;'
    assert refused["example"] == query


CUSTOM = """from django.db.migrations.operations.base import Operation


class Odd(Operation):
    reversible = True

    def __init__(self, *names, options=None):
        self.names = names

    def deconstruct(self):
        return type(self).__name__, [{"a": 1}, ["b"]], {}

    def state_forwards(self, app_label, state):
        pass

    def database_forwards(self, app_label, editor, before, after):
        editor.execute("CREATE INDEX odd ON shop_item (sku)")

    def database_backwards(self, app_label, editor, before, after):
        editor.execute("DROP INDEX odd")
"""


def test_a_custom_operation_is_measured_like_any_other(shop: Project, run: Run) -> None:
    shop.migration("shop", "0002_odd", 'Odd({"a": 1}, ["b"])', more=CUSTOM)
    assert _codes(_hazards(run)["0002_odd"]) == {"index-build-blocks-writes"}


VALIDATOR = """def odd(value):
    raise AttributeError("no ROOT_URLCONF")


class Opens(models.CharField):
    def pre_save(self, instance, add):
        open(getattr(instance, self.attname) * 50)
"""


def test_fields_and_validators_that_raise_whatever_they_like_break_nothing_off(shop: Project, run: Run) -> None:
    field = (
        'migrations.CreateModel("Odd", [("id", models.BigAutoField(primary_key=True)), ("path", {0}), ("text", {1})])'
    )
    text = "models.CharField(max_length=9, validators=[odd])"
    shop.migration("shop", "0002_odd", field.format("Opens(max_length=9)", text), more=VALIDATOR)
    shop.migration("shop", "0003_more", 'migrations.AddField("odd", "extra", models.IntegerField(null=True))')
    assert _codes(_hazards(run)["0003_more"]) == set()


ROUTER = """

class Router:
    def allow_migrate(self, db, app_label, **hints):
        return (db == "other") == (app_label == "archive")


DATABASES["other"] = dict(DATABASES["default"])
DATABASE_ROUTERS = [Router()]
"""


def test_what_a_router_keeps_for_another_database_is_no_drift(shop: Project, run: Run) -> None:
    shop.migration("shop", "0002_more", NULLABLE)
    table = 'migrations.CreateModel("Box", [("id", models.BigAutoField(primary_key=True))])'
    shop.migration("archive", "0001_box", table)
    shop.migration("archive", "0002_size", 'migrations.AddField("box", "size", models.IntegerField(default=0))')
    settings = shop.folder / "scratch_settings.py"
    settings.write_text(settings.read_text() + ROUTER)
    code, out, err = run()
    assert "drift-" not in out
    assert (code, "archive.0002_size" in out, "another database" in out) == (3, True, True), err


OWN_USER = 'migrations.CreateModel("Person", [("id", models.BigAutoField(primary_key=True)), ("name", {0})])'


def test_a_swapped_user_model_is_the_one_that_is_tried(shop: Project, run: Run) -> None:
    shop.migration("people", "0001_person", OWN_USER.format("models.CharField(max_length=20, unique=True)"))
    shop.migration("people", "0002_age", 'migrations.AddField("person", "age", models.IntegerField(default=0))')
    user = 'migrations.AddField("item", "owner", models.ForeignKey("people.person", models.CASCADE, null=True))'
    path = shop.migration("shop", "0002_owner", user)
    text = path.read_text().replace("dependencies = [", "dependencies = [('people', '0001_person'), ")
    path.write_text(f"{text}    run_before = [('people', '0002_age')]\n")
    settings = shop.folder / "scratch_settings.py"
    settings.write_text(settings.read_text() + "AUTH_USER_MODEL = 'people.Person'\n")
    documents = json.loads(run("--from", "shop.0001", "--all", "--format", "json")[1])
    assert [each["migration"] for each in documents][-2:] == ["0002_owner", "0002_age"]
    assert "old-code-cannot-insert" in _codes(documents[-1]["hazards"])
    assert _codes(documents[-2]["hazards"]) == {"index-build-blocks-reads"}


COPYING = """

class Copying(dict):
    def __getitem__(self, key):
        rest = {"TIME_ZONE": None, "AUTOCOMMIT": True, "ATOMIC_REQUESTS": False, "CONN_MAX_AGE": 0,
                "CONN_HEALTH_CHECKS": False, "OPTIONS": {}, "TEST": {"MIRROR": None, "NAME": None}}
        return {**rest, **super().__getitem__(key)}


DATABASES = Copying(DATABASES)
"""


def test_settings_that_give_away_copies_do_not_lead_back_onto_the_line_itself(shop: Project, run: Run) -> None:
    shop.migration("shop", "0002_more", NULLABLE)
    shop.migration("shop", "0003_gone", 'migrations.RemoveField("item", "extra")')
    settings = shop.folder / "scratch_settings.py"
    settings.write_text(settings.read_text() + COPYING)
    found = _hazards(run)
    assert found["0002_more"] == []
    assert "old-code-cannot-read" in _codes(found["0003_gone"])


BACK = """def there(apps, editor):
    pass


def back(apps, editor):
    item = apps.get_model("shop", "item").objects.first()
    apps.get_model("shop", "part").objects.filter(item=item).exists()
"""


def test_going_back_knows_the_models_as_django_renders_them(shop: Project, run: Run) -> None:
    key = '("id", models.BigAutoField(primary_key=True))'
    link = '("item", models.ForeignKey("shop.item", models.CASCADE))'
    shop.migration("shop", "0002_part", f'migrations.CreateModel("Part", [{key}, {link}])')
    # Django renders again what points at the category, but not what points at that.
    shop.migration("shop", "0003_title", 'migrations.AlterField("category", "title", models.CharField(max_length=60))')
    shop.migration("shop", "0004_python", "migrations.RunPython(there, back)", more=BACK)
    assert _codes(_hazards(run)["0004_python"]) == set()
