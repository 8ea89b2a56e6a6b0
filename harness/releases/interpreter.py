"""A release's own Python: which one it is, and the environment in which the agent runs there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import harness
from harness.databases import Database
from harness.errors import ReleaseError
from harness.rollout import Release, Rollout
from harness.temporary import temporary_folder

DATABASE = "HARNESS_DATABASE"
NOT_INHERITED = (
    "PYTHONPATH",
    "PYTHONHOME",
    "PYTHONSAFEPATH",
    "DJANGO_SETTINGS_MODULE",
    "GUNICORN_CMD_ARGS",
    "__PYVENV_LAUNCHER__",
)


def python(rollout: Rollout, release: Release) -> str:
    """Return the release's interpreter; raises ReleaseError where it does not exist.

    A path is not resolved: a virtual environment's interpreter is a link that must stay one.
    """
    if not release.python:
        return sys.executable
    path = Path(rollout.folder) / release.python
    found = str(path.absolute()) if os.access(path, os.X_OK) and path.is_file() else shutil.which(release.python)
    if not found:
        raise ReleaseError(
            f"The Python of release {release.name!r} does not exist: {release.python}; correct it in rollout.toml."
        )
    return found


@cache
def has_module(interpreter: str, folder: Path, name: str) -> bool:
    """Tell whether a module can be imported by that interpreter."""
    look = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({name!r}) is None)"
    return subprocess.run([interpreter, "-c", look], cwd=folder, capture_output=True, check=False).returncode == 0


@contextmanager
def environment(release: Release, database: Database) -> Iterator[dict[str, str]]:
    """Provide the environment variables: the database goes there and not into arguments, which everybody can read.

    PYTHONPATH holds a folder with nothing but a link to this package, so that none of the harness's libraries get in.
    """
    with temporary_folder("agent") as folder:
        (Path(folder) / "harness").symlink_to(Path(harness.__file__).parent, target_is_directory=True)
        inherited = {key: value for key, value in os.environ.items() if key not in NOT_INHERITED}
        more = release.environment.get("PYTHONPATH", "")
        yield {
            **inherited,
            **release.environment,
            "PYTHONPATH": os.pathsep.join(filter(None, (folder, more))),
            "PYTHONUNBUFFERED": "1",
            "DJANGO_SETTINGS_MODULE": release.settings,
            DATABASE: json.dumps(database.settings()),
        }
