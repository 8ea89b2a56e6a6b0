"""A library whose next release has a migration that locks the books for a while."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.harness.queries.library import write_library

MIGRATION = """
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("library", "0001_initial")]
    operations = [migrations.RunSQL(
        ["LOCK TABLE library_book IN ACCESS EXCLUSIVE MODE", "SELECT pg_sleep(1.5)"], migrations.RunSQL.noop
    )]
"""
ROLLOUT = f"""
name = "library"

[source]
release = "old"
seed = ["fill"]

[[release]]
name = "old"
path = "site"
settings = "settings"

[[release]]
name = "new"
path = "next"
settings = "settings"

[[phase]]
number = 1
name = "Lock"
serves = "old"
candidate = "new"
migrations = ["library"]

[[phase.probe]]
name = "migrations under load"

[phase.probe.options]
profile = "short"
profiles = "profiles.toml"
locustfile = "{Path(__file__).resolve().parents[3] / "loadtests" / "locustfile.py"}"
"""
PROFILE = "[profile.short]\nrate = 20\nseconds = 6\nwarmup = 0.5\nusers = 32\nleast = 10\n"
OPERATIONS = '[[operation]]\nname = "list books"\nrequest = "GET /books/"\n'


def write_locking(folder: Path) -> None:
    """Write the project with both releases, a profile and one operation."""
    write_library(folder)
    shutil.copytree(folder / "site", folder / "next")
    (folder / "next" / "library" / "migrations" / "0002_lock.py").write_text(MIGRATION)
    (folder / "rollout.toml").write_text(ROLLOUT)
    (folder / "profiles.toml").write_text(PROFILE)
    (folder / "operations.toml").write_text(OPERATIONS)
