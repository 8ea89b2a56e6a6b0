"""Writes a Django project whose apps are the cases of the corpus: `0001` makes and fills the tables, `0002` is the case."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.harness.migrations.cases import Case

ROWS = 1000
SETTINGS = """
SECRET_KEY = "scratch"
INSTALLED_APPS = {apps}
DATABASES = {{"default": {{"ENGINE": "django.db.backends.postgresql", "NAME": "nothing"}}}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
"""
HEAD = """from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.operations import (
    AddConstraintNotValid, AddIndexConcurrently, RemoveIndexConcurrently, ValidateConstraint,
)
from django.db import migrations, models, transaction
from django.db.models.functions import Now

"""
TABLES = """
        migrations.CreateModel("Category", [
            ("id", models.BigAutoField(primary_key=True)), ("title", models.CharField(max_length=50)),
        ]),
        migrations.CreateModel("Legacy", [
            ("id", models.BigAutoField(primary_key=True)), ("title", models.CharField(max_length=50)),
        ]),
        migrations.CreateModel("Item", [
            ("id", models.BigAutoField(primary_key=True)),
            ("name", models.CharField(max_length=50)),
            ("sku", models.CharField(max_length=20)),
            ("quantity", models.IntegerField()),
            ("price", models.DecimalField(max_digits=8, decimal_places=2)),
            ("note", models.IntegerField(null=True)),
            ("rating", models.IntegerField(null=True)),
            ("plain", models.ForeignKey("{app}.category", models.CASCADE, db_constraint=False)),
        ], options={{"indexes": [models.Index(fields=["note"], name="{app}_ix")]}}),
        migrations.RunSQL([
            "INSERT INTO {app}_category (title) SELECT 'c' || n FROM generate_series(1, 10) n",
            "INSERT INTO {app}_legacy (title) SELECT 'l' || n FROM generate_series(1, 10) n",
            "INSERT INTO {app}_item (name, sku, quantity, price, note, rating, plain_id) SELECT 'n' || n, 's' || n, n, n, "
            "CASE WHEN n % 2 = 0 THEN n END, n, 1 + n % 10 FROM generate_series(1, {rows}) n",
        ], migrations.RunSQL.noop),
"""


def write_migration(folder: Path, app: str, name: str, *, operations: str, needs: str, more: str = "", atomic: bool = True) -> Path:
    """Write one migration file of an app."""
    path = folder / app / "migrations" / f"{name}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    for package in (path.parent, path.parent.parent):
        (package / "__init__.py").touch()
    dependencies = f'[("{app}", "{needs}")]' if needs else "[]"
    body = f"    atomic = {atomic}\n    dependencies = {dependencies}\n    operations = [\n        {operations},\n    ]\n"
    path.write_text(f"{HEAD}{more}\n\nclass Migration(migrations.Migration):\n{body}", encoding="utf-8")
    return path


def write_case(folder: Path, case: Case) -> None:
    """Write the app of one case; what it needs to be prepared is part of `0001`."""
    app = case.app
    prepare = f"{case.prepare.format(app=app)},\n" if case.prepare else ""
    tables = TABLES.format(app=app, rows=ROWS).strip().rstrip(",")
    write_migration(folder, app, "0001_tables", operations=tables + (f",\n        {prepare.rstrip().rstrip(',')}" if prepare else ""), needs="")
    source = case.operations.format(app=app)
    write_migration(
        folder, app, "0002_case", operations=source, needs="0001_tables", more=case.after.format(app=app), atomic=case.atomic
    )


def write_settings(folder: Path, apps: Iterable[str]) -> None:
    """Write the settings of the project."""
    (folder / "scratch_settings.py").write_text(SETTINGS.format(apps=list(apps)), encoding="utf-8")
