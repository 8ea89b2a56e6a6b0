"""All migrations of three projects from the package index: what reading their facts costs beside applying them.

Each project is installed in an environment of its own, below .tox, at the first run; that needs the package index.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

from harness.databases import Database, Server, provision
from harness.releases import open_agent
from harness.rollout import Release, Rollout, Source

pytestmark = pytest.mark.postgres

REPOSITORY = Path(__file__).resolve().parents[2]
ENVIRONMENTS = REPOSITORY / ".tox" / "projects"
LINTER = "django-migration-linter"
LIMIT = 1.15


@dataclass(frozen=True)
class Project:
    """A package with the settings module that its migrations run with."""

    package: str
    settings: str
    needs: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def python(self) -> Path:
        return ENVIRONMENTS / self.package / "bin" / "python"

    def install(self) -> None:
        """Install it once; skips where there is no package index."""
        if (ENVIRONMENTS / self.package / "installed").exists():
            return
        subprocess.run([sys.executable, "-m", "venv", ENVIRONMENTS / self.package], check=True)
        wanted = [self.package, *self.needs, "psycopg[binary]", LINTER]
        done = subprocess.run([self.python, "-m", "pip", "install", "-q", *wanted], capture_output=True, check=False)
        if done.returncode:
            pytest.skip(f"{self.package} cannot be installed; is there a network?")
        (ENVIRONMENTS / self.package / "installed").touch()

    def rollout(self) -> Rollout:
        """Return a rollout with this project as its one release."""
        release = Release(
            name=self.package,
            path="tests/benchmarks/projects",
            settings=self.settings,
            python=str(self.python),
            environment=self.environment,
        )
        source = Source(release=self.package)
        return Rollout(name=self.package, source=source, release=[release], phase=[], folder=str(REPOSITORY))

    def call(self, database: Database, procedure: str, log: Path, **arguments: Any) -> tuple[Any, float]:
        """Call a procedure of its agent; return the result and the seconds that it took."""
        rollout = self.rollout()
        with open_agent(rollout, rollout.release[0], database, log=log) as agent:
            start = perf_counter()
            result = agent.call(procedure, **arguments)
            return result, perf_counter() - start

    def lint(self, database: Database) -> float:
        """Return the seconds that the linter takes on a migrated database, without the start of Django."""
        code = (
            "import sys, json, time, django; from django.conf import settings;"
            "settings.DATABASES['default'] = json.loads(sys.stdin.read()); django.setup();"
            "from django_migration_linter import MigrationLinter; start = time.perf_counter();"
            "MigrationLinter(no_cache=True, no_output=True, ignore_sqlmigrate_errors=True).lint_all_migrations();"
            "print('seconds', time.perf_counter() - start)"
        )
        variables = {**os.environ, **self.environment, "DJANGO_SETTINGS_MODULE": self.settings}
        done = subprocess.run(
            [self.python, "-c", code], cwd=REPOSITORY / "tests/benchmarks/projects", env=variables, text=True,
            input=json.dumps(database.settings()), capture_output=True, check=False,
        )  # fmt: skip
        said = [line for line in done.stdout.splitlines() if line.startswith("seconds")]
        return float(said[0].split()[1]) if said else float("nan")


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pulpcore does not start without a key for its encrypted fields."""
    path = tmp_path_factory.mktemp("keys") / "database.key"
    path.write_bytes(urlsafe_b64encode(os.urandom(32)))
    return path


@pytest.fixture(params=["wagtail", "django-oscar", "pulpcore"])
def project(request: pytest.FixtureRequest, key: Path) -> Project:
    projects = [
        Project("wagtail", "wagtail_settings"),
        Project("django-oscar", "oscar_settings", ("django-oscar[sorl-thumbnail]", "setuptools<81")),
        Project(
            "pulpcore",
            "pulpcore.app.settings",
            environment={
                "PULP_SECRET_KEY": "only for benchmarks",
                "PULP_CONTENT_ORIGIN": "http://localhost",
                "PULP_DB_ENCRYPTION_KEY": str(key),
                "PULP_DEPLOY_ROOT": str(key.parent),
            },
        ),
    ]
    [found] = [each for each in projects if each.package == request.param]
    found.install()
    return found


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with provision() as made:
        yield made


def test_facts_of_a_whole_history_cost_little_more_than_applying_it(
    project: Project, server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain, observed = server.create("plain"), server.create("observed")
    applied, seconds = project.call(plain, "migrate", tmp_path / "log")
    facts, spent = project.call(observed, "observe", tmp_path / "log", targets=None)
    assert facts["failure"] is None
    assert len(facts["migrations"]) == len(applied["applied"])
    ratio = spent / (spent - facts["observing_seconds"])
    with capsys.disabled():
        sys.stdout.write(
            f"\n{project.package}: {len(applied['applied'])} migrations; facts {ratio:.3f} of the same run without, "
            f"rehearsal {spent / seconds:.2f} of migrate, linter {project.lint(plain) / seconds:.2f} of migrate\n"
        )
    for database in (plain, observed):
        server.drop(database)
    assert ratio <= LIMIT
