"""Writes Django projects that consist of migrations, and rehearses them through an agent on a real database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.databases import Database
from harness.evidence import Finding
from harness.probes.migrations.facts import Migration, Rehearsal, read
from harness.probes.migrations.hazards import Hazards
from harness.releases import Agent, open_agent
from harness.rollout import Phase, Release, Rollout, Source
from tests.harness.migrations.cases import Case

Run = Callable[..., tuple[int, str, str]]
ROWS = 1000
SETTINGS = """
SECRET_KEY = "scratch"
INSTALLED_APPS = {apps}
DATABASES = {{"default": {{"ENGINE": "django.db.backends.postgresql", "NAME": "nothing"}}}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
"""
HEAD = """import uuid

import django.contrib.postgres.functions
import django.db.models.deletion

from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.operations import (
    AddConstraintNotValid, AddIndexConcurrently, RemoveIndexConcurrently, ValidateConstraint,
)
from django.db import migrations, models, transaction
from django.db.models.functions import Cast, Now

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
            "INSERT INTO {app}_item (name, sku, quantity, price, note, rating, plain_id) SELECT 'n' || n, 's' || n, "
            "n, n, CASE WHEN n % 2 = 0 THEN n END, n, 1 + n % 10 FROM generate_series(1, {rows}) n",
        ], migrations.RunSQL.noop)"""


class Project:
    """A Django project in a folder, whose apps have nothing but migrations."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._apps: list[str] = []

    def app(self, name: str, *, rows: int = ROWS, more: str = "") -> str:
        """Add an app whose `0001` makes and fills the tables item, category and legacy."""
        tables = TABLES.format(app=name, rows=rows).strip()
        self.migration(name, "0001_tables", f"{tables},{more}")
        return name

    def case(self, case: Case) -> None:
        """Add the app of a case of the corpus; what it needs to be prepared is part of `0001`."""
        self.app(case.app, more=case.prepare.format(app=case.app))
        source = case.operations.format(app=case.app)
        self.migration(case.app, "0002_case", source, more=case.after.format(app=case.app), atomic=case.atomic)

    def migration(self, app: str, name: str, operations: str, *, more: str = "", atomic: bool = True) -> Path:
        """Write a migration that follows the one before it in its app."""
        folder = self.folder / app / "migrations"
        earlier = sorted(path.stem for path in folder.glob("0*.py"))
        folder.mkdir(parents=True, exist_ok=True)
        for package in (folder, folder.parent):
            (package / "__init__.py").touch()
        body = f"    atomic = {atomic}\n    dependencies = {[(app, each) for each in earlier[-1:]]}\n"
        body += f"    operations = [\n        {operations.strip().rstrip(',')},\n    ]\n"
        path = folder / f"{name}.py"
        path.write_text(f"{HEAD}{more}\n\nclass Migration(migrations.Migration):\n{body}", encoding="utf-8")
        if app not in self._apps:
            self._apps.append(app)
            (self.folder / "scratch_settings.py").write_text(SETTINGS.format(apps=self._apps), encoding="utf-8")
        return path

    def rollout(self, *targets: str) -> Rollout:
        """Return a rollout of one phase that applies these targets."""
        release = Release(name="scratch", path=".", settings="scratch_settings")
        phase = Phase(number=1, name="one", serves="scratch", migrations=list(targets))
        return Rollout(
            name="scratch", source=Source(release="scratch"), release=[release], phase=[phase], folder=str(self.folder)
        )

    @contextmanager
    def agent(self, database: Database) -> Iterator[Agent]:
        """Run the project's agent on a database."""
        rollout = self.rollout()
        with open_agent(rollout, rollout.release[0], database, log=self.folder / "agent.log") as agent:
            yield agent

    def rehearse(self, database: Database, app: str, *, old_code: bool = False) -> Rehearsal:
        """Apply `0001` of an app plainly and observe the rest."""
        with self.agent(database) as agent:
            agent.call("migrate", targets=[f"{app}.0001"])
            return read(agent.call("observe", targets=[app], old_code=old_code))


def findings(rehearsal: Rehearsal, folder: Path, tables: dict[str, int] | None = None) -> list[Finding]:
    """Return everything that is found in a rehearsal."""
    hazards = Hazards(rehearsal, rehearsal.tables if tables is None else tables, folder)
    return [*hazards.failure(), *hazards.blocking(), *hazards.old_code(), *hazards.irreversible()]


def only(migrations: list[Migration], app: str) -> Migration:
    """Return the one migration of an app."""
    [found] = [each for each in migrations if each.app == app]
    return found


def url_of(database: Database) -> str:
    """Return the URL of a database on a local server."""
    return f"postgresql://{database.user}@/{database.name}?host={database.host}&port={database.port}"
