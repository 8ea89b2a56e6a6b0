"""The rules of the house: which room may import which, and that ``platform`` stays the standard library's."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
from importlib import metadata
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]
VIOLATIONS = {
    "upwards": ("harness/evidence.py", "import harness.gate", "rooms of the harness"),
    "unlisted": ("harness/new_room.py", "x = 1", "new_room"),
    "django": ("harness/runs.py", "import django", "Only the agent and the pytest plugin import Django"),
    "agent": ("harness/agent/protocol.py", "import harness.errors", "rooms of the harness"),
    "locust": ("harness/gate/criteria.py", "import locust", "Only the load room imports Locust"),
    "load": ("harness/probes/world.py", "import harness.load", "rooms of the harness"),
    "platform": ("platform/core/exceptions.py", "import harness.errors", "does not know the harness"),
    "layers": ("platform/core/repositories.py", "import core.services", "services"),
    "api": ("platform/learning/api.py", "import core.models", "neither models nor repositories"),
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what the contracts speak of."""
    for name in ("harness", "platform"):
        ignored = shutil.ignore_patterns("__pycache__", "legacy", "*.sqlite3")
        shutil.copytree(REPOSITORY / name, tmp_path / name, ignore=ignored)
    shutil.copy(REPOSITORY / ".importlinter", tmp_path)
    return tmp_path


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    """Check the contracts as ``tox -e lint`` does."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": f"{tree / 'platform'}"}
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)


def test_the_directions_of_imports_hold(tree: Path) -> None:
    done = lint(tree)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("violation", VIOLATIONS)
def test_an_import_against_the_direction_is_noticed(tree: Path, violation: str) -> None:
    name, line, contract = VIOLATIONS[violation]
    path = tree / name
    path.write_text((path.read_text() if path.exists() else "") + f"\n{line}\n")

    done = lint(tree)

    assert done.returncode == 1
    assert contract in done.stdout + done.stderr


def test_platform_is_the_standard_librarys(tmp_path: Path) -> None:
    assert Path(platform.__file__).parent == Path(sysconfig.get_path("stdlib"))


@pytest.mark.parametrize("forbidden", ["__init__.py", "conftest.py", "tests"])
def test_nothing_makes_a_package_of_the_folder_platform(forbidden: str) -> None:
    assert not (REPOSITORY / "platform" / forbidden).exists()


def test_a_program_that_starts_in_the_repository_gets_the_standard_librarys_platform() -> None:
    code = "import platform, harness; print(platform.python_implementation())"

    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)

    assert done.stdout.strip()


def test_an_installed_harness_has_its_templates_and_its_type_marker() -> None:
    try:
        harness = metadata.distribution("rollout-harness")
    except metadata.PackageNotFoundError:
        pytest.skip("the harness is not installed here; tox installs it")
    if '"editable": true' in (harness.read_text("direct_url.json") or ""):
        pytest.skip("the harness is installed here as a link to this folder; tox installs it as its users do")
    names = {str(name) for name in harness.files or []}
    wanted = {
        path.relative_to(REPOSITORY).as_posix()
        for path in (REPOSITORY / "harness").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert wanted <= names
    assert not {name for name in names if name.startswith(("tests/", "platform/"))}
    assert importlib.util.find_spec("harness")
