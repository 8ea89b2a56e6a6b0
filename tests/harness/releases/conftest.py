"""Interpreters that are not the harness's own."""

from __future__ import annotations

import importlib.util
import sys
import venv
from pathlib import Path

import pytest

LIBRARIES = ("django", "Django", "asgiref", "sqlparse", "psycopg", "typing_extensions")


@pytest.fixture(scope="session")
def foreign_python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A virtual environment with Django and psycopg, and none of the harness's libraries."""
    folder = tmp_path_factory.mktemp("foreign") / "venv"
    venv.create(folder, symlinks=True)
    packages = folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    spec = importlib.util.find_spec("django")
    assert spec
    assert spec.origin
    for name in LIBRARIES:
        for library in Path(spec.origin).parent.parent.glob(f"{name}*"):
            (packages / library.name).symlink_to(library)
    return str(folder / "bin" / "python")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """The log file of a release."""
    return tmp_path / "logs" / "release.log"
