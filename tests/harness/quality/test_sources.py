"""What a code probe cannot read stops it: none of the tools behind them says so by itself."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from harness.errors import ProbeError
from tests.harness.quality.conftest import Project

READERS: dict[str, dict[str, Any]] = {
    "complexity": {},
    "documentation": {},
    "dead code": {},
    "duplication": {},
}
TOOLS = {"complexity": "ruff", "documentation": "griffe", "dead code": "vulture", "duplication": "pylint"}


@pytest.mark.parametrize("probe", READERS)
def test_a_file_with_a_syntax_error_is_an_error(project: Project, probe: str) -> None:
    project.write("code/fine.py", "def f():\n    return 1\n")
    project.write("code/broken.py", "def f(:\n")

    with pytest.raises(ProbeError, match=r"code/broken\.py is not valid for Python .*line 1"):
        project.measure(probe, paths=["code"])


@pytest.mark.parametrize("probe", READERS)
def test_a_file_that_is_no_text_is_an_error(project: Project, probe: str) -> None:
    project.write("code/fine.py", "def f():\n    return 1\n")
    (project.folder / "code/binary.py").write_bytes(b"\xff\xfe")

    with pytest.raises(ProbeError, match=r"code/binary\.py cannot be read"):
        project.measure(probe, paths=["code"])


@pytest.mark.parametrize("probe", READERS)
def test_a_folder_without_code_is_an_error(project: Project, probe: str) -> None:
    project.write("code/readme.txt", "")

    with pytest.raises(ProbeError, match="no Python file in code"):
        project.measure(probe, paths=["code"])


@pytest.mark.parametrize("probe", READERS)
def test_a_path_that_does_not_exist_is_an_error(project: Project, probe: str) -> None:
    with pytest.raises(ProbeError, match=r"'moved'.*does not exist"):
        project.measure(probe, paths=["moved"])


@pytest.mark.parametrize("probe", READERS)
def test_without_its_tool_a_probe_says_how_to_install_it(
    project: Project, probe: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write("code/fine.py", "def f():\n    return 1\n")
    monkeypatch.setattr("importlib.util.find_spec", _without(TOOLS[probe]))

    with pytest.raises(ProbeError, match=rf"{TOOLS[probe]} is not installed; install rollout-harness\[quality\]"):
        project.measure(probe, paths=["code"])


@pytest.mark.parametrize("probe", READERS)
def test_what_is_left_out_is_not_read(project: Project, probe: str) -> None:
    project.write("code/fine.py", "def f():\n    return 1\n\n\nf()\n")
    project.write("code/old/broken.py", "def f(:\n")

    assert project.measure(probe, paths=["code"], leave_out=["code/old"]).outcome == "measured"


def _without(module: str) -> Any:
    real = sys.modules["importlib.util"].find_spec
    return lambda name, package=None: None if name == module else real(name, package)
