"""``harness migrations`` on a project that knows nothing of the harness."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from harness.databases import Server
from harness.errors import UsageError
from harness.probes.migrations.project import Project as Foreign
from tests.harness.migrations.scratch import Project, Run

NULLABLE = 'migrations.AddField("item", "extra", models.IntegerField(null=True))'
INDEX = 'migrations.AddIndex("item", models.Index(fields=["sku"], name="shop_sku"))'
FAST = ("--from", "shop.0001", "--no-way-back", "--no-old-code")


def test_a_harmless_migration_is_silent_and_its_facts_are_shown(project: Project, run: Run) -> None:
    project.app("shop")
    project.migration("shop", "0002_more", NULLABLE)
    code, out, _ = run("--from", "shop.0001")
    assert code == 0
    assert "1 of 2 migrations rehearsed, 1 operations" in out
    line = next(line for line in out.splitlines() if "[0]" in line)
    assert "shop_item: AccessExclusive" in line
    assert line.endswith("works     yes")
    assert "no hazards" in out


def test_a_hazard_is_shown_with_the_safe_form_of_this_very_operation(project: Project, run: Run) -> None:
    project.app("shop")
    project.migration("shop", "0002_index", INDEX)
    code, out, _ = run("--from", "shop.0001_tables")
    assert code == 1
    assert "index-build-blocks-writes  shop.0002_index[0]" in out
    assert "(shop/migrations/0002_index.py:" in out
    assert "AddIndexConcurrently('item', models.Index(fields=['sku'], name='shop_sku'))" in out
    assert run(*FAST, "--fail-on", "never")[0] == 0


def test_every_operation_has_a_document_in_json(project: Project, run: Run) -> None:
    project.app("shop")
    project.migration("shop", "0002_text", 'migrations.AlterField("item", "name", models.TextField())')
    code, out, _ = run("--from", "shop.0001", "--format", "json")
    [document] = json.loads(out)
    assert code == 0
    assert (document["app"], document["migration"], document["index"]) == ("shop", "0002_text", 0)
    assert document["forward"]["locks"] == {"shop_item": "AccessExclusive"}
    assert document["forward"]["rewrites"] == []
    assert document["backward"]["rewrites"] == ["shop_item"]
    assert document["old_code"] == {"read": True, "insert": True, "update": True, "reasons": []}
    assert (document["round_trip"]["lossless"], document["round_trip"]["late_writes"]) == (True, "altered")
    assert {each["about"] for each in document["hazards"]} == {"way_back"}


def test_only_what_the_branch_adds_is_rehearsed(project: Project, run: Run) -> None:
    project.app("shop")
    git(project.folder, "init", "--quiet", "--initial-branch=main")
    git(project.folder, "add", ".")
    git(project.folder, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "-m", "first")
    assert "Nothing to rehearse" in run("--base", "main")[1]
    project.migration("shop", "0002_more", NULLABLE)
    assert "1 of 2 migrations rehearsed" in run("--base", "main")[1]
    code, _, err = run("--base", "nowhere")
    assert (code, "cannot be told: Not a valid object name nowhere; name a branch, tag or commit" in err) == (2, True)


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True)


def test_an_acceptance_in_the_file_counts_until_its_day_and_while_it_is_needed(project: Project, run: Run) -> None:
    project.app("shop")
    accepts = '# harness: accept {} until={} reason="the table is small"\n'
    path = project.migration("shop", "0002_index", INDEX)
    text = path.read_text()
    path.write_text(text + accepts.format("index-build-blocks-writes", "2999-01-31"))
    code, out, _ = run(*FAST)
    assert (code, "accepted until 2999-01-31  index-build-blocks-writes" in out) == (0, True)
    path.write_text(text + accepts.format("index-build-blocks-writes", "2020-01-31"))
    code, out, _ = run(*FAST)
    assert (code, "expired-acceptance" in out) == (1, True)
    path.write_text(text + accepts.format("irreversible", "2999-01-31") + "# harness: accept it all\n")
    code, out, _ = run(*FAST)
    assert code == 1
    assert "unneeded-acceptance" in out
    assert "unreadable-acceptance" in out


def test_a_migration_that_fails_says_where_what_is_left_and_how_to_get_out(project: Project, run: Run) -> None:
    project.app("shop")
    project.migration("shop", "0002_bad", f"{NULLABLE}, migrations.RunSQL('SELECT 1 / 0', '')", atomic=False)
    project.migration("shop", "0003_after", INDEX)
    project.app("other")
    code, out, _ = run()
    assert code == 1
    assert "migration-fails  shop.0002_bad[1]" in out
    assert "SELECT ? / ?" in out
    assert "[0] Add field extra to item" in out
    assert "undo by hand what is named as done" in " ".join(out.split())
    assert "other.0001_tables" in out
    assert "shop.0003_after" not in out


def test_what_breaks_off_before_the_chosen_migrations_holds(project: Project, run: Run) -> None:
    project.app("shop", more="migrations.RunSQL('SELECT 1 / 0', '')")
    project.migration("shop", "0002_more", NULLABLE)
    code, out, _ = run("--from", "shop.0001")
    assert (code, "shop.0001_tables broke off before them" in out) == (3, True)


def test_a_database_that_does_not_tell_what_it_locks_holds(project: Project, run: Run) -> None:
    project.migration(
        "shop", "0001_one", 'migrations.CreateModel("A", [("id", models.BigAutoField(primary_key=True))])'
    )
    code, out, _ = run(database="sqlite")
    assert (code, "sqlite does not tell what it locks" in out) == (3, True)


BAD_SETTINGS = {
    "import nowhere": "need the module 'nowhere', which is missing",
    "import os\nos.environ['SHOP_SECRET']": "the environment variable 'SHOP_SECRET' is not set",
    "{}['SHOP_SECRET']": "KeyError: 'SHOP_SECRET'",
    "INSTALLED_APPS = ['shop.missing']": "shop.missing",
}


@pytest.mark.parametrize("settings", BAD_SETTINGS)
def test_settings_that_do_not_load_are_one_sentence(project: Project, run: Run, settings: str) -> None:
    project.app("shop")
    (project.folder / "scratch_settings.py").write_text(settings)
    code, out, err = run()
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert BAD_SETTINGS[settings] in err


def test_bad_input_is_one_sentence_each(project: Project, run: Run, server: Server) -> None:
    project.app("shop")
    project.migration("shop", "0002_more", NULLABLE)
    twin = (project.folder / "shop/migrations/0002_more.py").read_text()
    before = databases(server)
    for arguments, said in {
        ("--app", "nothing"): "No app 'nothing' has migrations",
        ("--to", "shop.0009"): "There is no migration 'shop.0009'",
        ("--from", "shop.000"): "2 migrations begin with 'shop.000'",
        ("--python", "/nowhere/python"): "cannot be run",
        ("--project", "/nowhere"): "is not a folder",
    }.items():
        code, out, err = run(*arguments)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert said in err
    (project.folder / "shop/migrations/0002_twin.py").write_text(twin)
    code, _, err = run()
    assert (code, "merge them with makemigrations --merge" in err) == (2, True)
    (project.folder / "shop/migrations/0002_twin.py").write_text("from nowhere import x\n")
    assert (run()[0], databases(server)) == (2, before)


def test_an_extension_that_is_not_there_is_named(project: Project, run: Run) -> None:
    project.migration("shop", "0001_gis", "migrations.RunSQL('CREATE EXTENSION unheard_of', '')")
    code, _, err = run()
    assert (code, "needs the extension 'unheard_of'" in err) == (2, True)


def databases(server: Server) -> set[str]:
    with server.create("look").connect() as connection:
        return {name for (name,) in connection.execute("SELECT datname FROM pg_database") if "_look" not in name}


MOVE = """migrations.SeparateDatabaseAndState(state_operations=[migrations.CreateModel("Legacy", [
    ("id", models.BigAutoField(primary_key=True)), ("title", models.CharField(max_length=50)),
], options={"db_table": "shop_legacy"})])"""
RENAME = (
    "migrations.RunSQL(\"UPDATE django_content_type SET app_label = 'depot' WHERE app_label = 'shop' "
    "AND model = 'legacy'\", migrations.RunSQL.noop)"
)


@pytest.mark.parametrize("forgets", [True, False])
def test_a_model_that_moves_has_to_take_its_content_type_along(project: Project, run: Run, forgets: bool) -> None:
    project.app("shop")
    gone = 'migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel("Legacy")])'
    project.migration("shop", "0002_gone", gone)
    path = project.migration("depot", "0001_move", MOVE if forgets else f"{MOVE}, {RENAME}")
    path.write_text(path.read_text().replace("dependencies = []", "dependencies = [('shop', '0002_gone')]"))
    settings = project.folder / "scratch_settings.py"
    settings.write_text(settings.read_text() + "\nINSTALLED_APPS += ['django.contrib.contenttypes']\n")
    out = run("--no-way-back", "--no-old-code")[1]
    assert ("content-types-left-behind  depot.0001_move" in out) is forgets


def test_what_a_later_migration_mends_is_no_drift(project: Project, run: Run) -> None:
    project.app("shop")
    required = "migrations.RunSQL('ALTER TABLE shop_legacy ADD COLUMN extra integer NOT NULL', '')"
    project.migration("shop", "0002_more", required.replace("NOT NULL", "NOT NULL DEFAULT 1"))
    project.migration(
        "shop", "0003_strict", "migrations.RunSQL('ALTER TABLE shop_legacy ALTER extra DROP DEFAULT', '')"
    )
    assert "drift-not-null" in run("--no-way-back", "--no-old-code")[1]
    project.migration("shop", "0004_mended", "migrations.RunSQL('ALTER TABLE shop_legacy DROP COLUMN extra', '')")
    assert "drift-not-null" not in run("--no-way-back", "--no-old-code")[1]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("echo '[[3, 9], [4, 2]]'", "is Python 3.9; the harness needs 3.10 or newer"),
        ("echo '[[3, 11], [3, 2]]'", "has Django 3.2; the harness knows 4.2 to 6.1"),
        ("exit 1", "has no Django"),
    ],
)
def test_an_interpreter_that_does_not_fit_is_named(tmp_path: Path, answer: str, said: str) -> None:
    python = tmp_path / "venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\n{answer}\n")
    python.chmod(0o755)
    with pytest.raises(UsageError, match=said):
        Foreign(tmp_path, "settings").release()


def test_the_settings_are_those_that_manage_py_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
    with pytest.raises(UsageError, match="name them with --settings"):
        Foreign(tmp_path).release()
    (tmp_path / "manage.py").write_text("os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n")
    assert Foreign(tmp_path).release().settings == "shop.settings"


def test_services_get_the_findings_in_their_formats(project: Project, run: Run) -> None:
    project.app("shop")
    project.migration("shop", "0002_index", INDEX)
    assert run(*FAST, "--format", "github")[1].startswith("::error file=shop/migrations/0002_index.py,line=")
    [result] = json.loads(run(*FAST, "--format", "sarif")[1])["runs"][0]["results"]
    assert result["ruleId"] == "index-build-blocks-writes"


def test_a_pull_request_gets_tables_and_hazards(project: Project, run: Run) -> None:
    project.app("shop")
    project.migration("shop", "0002_index", INDEX)
    page = run(*FAST, "--format", "markdown")[1]
    assert page.startswith("# Migrations: 1 high")
    assert "## Hazards" in page


def test_another_alias_never_reaches_what_the_user_owns(project: Project, run: Run) -> None:
    project.app("shop")
    settings = project.folder / "scratch_settings.py"
    other = "DATABASES['other'] = {'ENGINE': 'django.db.backends.sqlite3', 'NAME': '/nowhere/live.sqlite3'}\n"
    settings.write_text(settings.read_text() + other)
    more = "def look(apps, editor):\n    assert apps.get_model('shop', 'item').objects.using('other').count() == 1000\n"
    project.migration("shop", "0002_look", "migrations.RunPython(look, look)", more=more)
    settings.write_text(settings.read_text() + other)
    code, out, _ = run("--from", "shop.0001")
    assert (code, "no hazards" in out) == (0, True)


def test_a_migration_that_was_squashed_is_found_under_its_new_name(project: Project, run: Run) -> None:
    project.app("shop")
    project.migration("shop", "0002_more", NULLABLE)
    squashed = (project.folder / "shop/migrations/0001_tables.py").read_text()
    squashed += "    replaces = [('shop', '0001_tables'), ('shop', '0002_more')]\n"
    (project.folder / "shop/migrations/0001_squashed.py").write_text(squashed)
    code, _, err = run("--to", "shop.0002_more")
    assert (code, "it is part of shop.0001_squashed" in err) == (2, True)
    assert "1 of 1 migrations rehearsed" in run("--no-way-back")[1]
