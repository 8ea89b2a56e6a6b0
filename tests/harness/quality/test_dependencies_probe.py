"""The probe "dependencies": what is declared, imported, needed and pinned must agree, without asking a network."""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path
from typing import Any

import pytest

from harness.errors import ProbeError
from harness.evidence import Evidence
from harness.operations import Catalog
from harness.probes.probe import find
from harness.probes.world import World
from harness.rollout import read_rollout
from harness.runs import Run
from tests.harness.quality.conftest import Project, value

REPOSITORY = Path(__file__).resolve().parents[3]
HASH = " \\\n    --hash=sha256:" + "0" * 64
PROJECT = """
[project]
name = "shop"
version = "1"
dependencies = ["Jinja2>=3"]
[dependency-groups]
run = [{ include-group = "database" }]
database = ["psutil>=1"]
"""


def pin(*names: str) -> str:
    """Pin what is installed here, each with a hash."""
    return "# compiled\n" + "".join(f"{name}=={importlib.metadata.version(name)}{HASH}\n    # via\n" for name in names)


@pytest.fixture
def shop(project: Project) -> Project:
    """A project whose four lists agree."""
    project.write("pyproject.toml", PROJECT)
    project.write("code/shop.py", "import os\n\nimport jinja2\n\nimport helper\n")
    project.write("code/helper.py", "import psutil\n")
    project.write("requirements.txt", pin("jinja2", "markupsafe", "psutil"))
    return project


def measure(shop: Project, **options: Any) -> Evidence:
    """Run the probe."""
    return shop.measure("dependencies", **{"paths": ["code"], "project": True, "groups": ["run"], **options})


def test_lists_that_agree_have_no_findings(shop: Project) -> None:
    evidence = measure(shop)

    assert evidence.findings == []
    assert [value(evidence, name) for name in ("declared", "pinned", "not pinned", "pins without hash")] == [2, 3, 0, 0]


def test_a_dependency_that_nothing_imports_is_found_unless_it_is_used_otherwise(shop: Project) -> None:
    shop.write("code/helper.py", "")

    [finding] = measure(shop).findings

    assert (finding.code, finding.about) == ("unused-dependency", "psutil")
    assert measure(shop, not_imported=["PSUtil"]).findings == []


def test_an_import_that_is_not_declared_is_found_even_if_something_else_brings_it_along(shop: Project) -> None:
    shop.write("code/helper.py", "import psutil\nimport markupsafe\n")

    [finding] = measure(shop).findings

    assert (finding.code, finding.file, finding.line) == ("undeclared-import", "code/helper.py", 2)
    assert finding.about == "markupsafe in code/helper.py"


@pytest.mark.parametrize("line", ["psutil", "psutil>=7", "psutil==7.*", "psutil>=7,<8"])
def test_a_requirement_that_may_be_several_versions_is_not_pinned(shop: Project, line: str) -> None:
    shop.write("requirements.txt", pin("jinja2", "markupsafe") + line + "\n")

    evidence = measure(shop)

    [finding] = evidence.findings
    assert (finding.code, finding.about, finding.line) == ("not-pinned", "psutil", 8)
    assert value(evidence, "not pinned") == 1


@pytest.mark.parametrize(
    ("left", "gone", "why"), [("psutil", "markupsafe", "jinja2 needs it"), ("markupsafe", "psutil", "it is declared")]
)
def test_what_is_needed_and_not_in_the_file_is_not_pinned(shop: Project, left: str, gone: str, why: str) -> None:
    shop.write("requirements.txt", pin("jinja2", left))

    [finding] = measure(shop).findings

    assert (finding.code, finding.about) == ("not-pinned", gone)
    assert why in finding.why


def test_a_pin_that_the_declaration_does_not_allow_is_found(shop: Project) -> None:
    shop.write("pyproject.toml", PROJECT.replace("psutil>=1", "psutil>=999"))

    [finding] = measure(shop).findings

    assert (finding.code, finding.about) == ("misfitting-pin", "psutil")
    assert "psutil>=999 is declared" in finding.why


def test_a_pin_that_nothing_needs_is_found_unless_it_is_for_another_system(shop: Project) -> None:
    other = "tzdata==2026.1 ; sys_platform == 'win32'\n" if sys.platform != "win32" else ""
    shop.write("requirements.txt", pin("jinja2", "markupsafe", "psutil", "pytest") + other)

    evidence = measure(shop)

    assert [(each.code, each.about) for each in evidence.findings] == [("superfluous-pin", "pytest")]
    assert value(evidence, "pins without hash") == bool(other)


@pytest.mark.parametrize(
    ("file", "text", "why"),
    [
        ("requirements.txt", "", "pins nothing"),
        ("requirements.txt", "-r other.txt\n", "line 1: '-r other.txt' names no requirement"),
        ("pyproject.toml", "[project\n", "cannot be read"),
        ("pyproject.toml", PROJECT.replace("run =", "walk ="), "no dependency group 'run'"),
        ("pyproject.toml", PROJECT.replace("psutil>=1", "not-on-this-machine"), "not-on-this-machine is not installed"),
        ("code/helper.py", "import (\n", "is not valid"),
    ],
)
def test_a_list_that_cannot_be_read_is_an_error(shop: Project, file: str, text: str, why: str) -> None:
    shop.write(file, text)

    with pytest.raises(ProbeError, match=why):
        measure(shop)


def test_nothing_declared_is_an_error(shop: Project) -> None:
    with pytest.raises(ProbeError, match="declares no dependency"):
        measure(shop, project=False, groups=[])


def test_left_out_files_are_not_searched_for_imports(shop: Project) -> None:
    shop.write("code/old/legacy.py", "import markupsafe\n")
    shop.write("code/generated_a.py", "import markupsafe\n")

    assert measure(shop, leave_out=["code/old", "code/generated_*"]).findings == []


def test_files_that_deptry_does_not_read_are_an_error(shop: Project) -> None:
    shop.write("code/.gitignore", "helper.py\n")
    shop.write("code/venv/pyvenv.cfg", "")
    shop.write("code/venv/lib.py", "import markupsafe\n")

    with pytest.raises(ProbeError, match="Deptry read 3 of 2 files"):
        measure(shop)


def test_the_dependencies_of_the_platform_are_declared_used_and_pinned(tmp_path: Path) -> None:
    rollout = read_rollout(REPOSITORY / "rollout.toml")
    phase = rollout.find_phase(6)
    world = World(rollout, phase, Catalog(), Run.create(tmp_path, 6), database="", quick=False, emit=lambda event: None)
    probe = find("dependencies")

    evidence = probe.measure(world, probe.read_options(phase.entry("dependencies").options, "rollout.toml"))

    assert [(each.code, each.about, each.why) for each in evidence.findings] == []
    assert value(evidence, "pinned") > value(evidence, "declared") > 5
    assert value(evidence, "pins without hash") == 0
