"""The probe "complexity": every function counts, and the tangled ones are named."""

from __future__ import annotations

import pytest

from harness.errors import ProbeError
from tests.harness.quality.conftest import Project, value

TANGLED = "def tangled(n):  # noqa\n" + "".join(f"    if n == {each}:\n        return {each}\n" for each in range(11))


def test_every_function_counts_also_the_simplest(project: Project) -> None:
    project.write(
        "code/a.py", "def one():\n    pass\n\n\nclass K:\n    async def two(self, n):\n        return 1 if n else 2\n"
    )
    project.write("code/b.py", "def three(n):\n    for each in n:\n        if each:\n            return each\n")

    evidence = project.measure("complexity", paths=["code"])

    assert (value(evidence, "functions"), value(evidence, "highest complexity")) == (3, 3)
    assert value(evidence, "average complexity") == 1.67
    assert evidence.findings == []
    assert evidence.details["tables"][0]["rows"][0] == ["three", "code/b.py", 1, 3]


def test_a_tangled_function_is_found_even_if_a_comment_silences_the_linter(project: Project) -> None:
    project.write("code/a.py", "# ruff: noqa\ndef simple():\n    pass\n\n\n" + TANGLED)

    evidence = project.measure("complexity", paths=["code"])

    [finding] = evidence.findings
    assert (finding.code, finding.about, finding.line) == ("complex-function", "code/a.py: tangled", 6)
    assert "12 independent ways" in finding.why
    assert (value(evidence, "complex functions"), value(evidence, "share of complex functions")) == (1, 50)


def test_the_limit_can_be_chosen_and_the_projects_own_configuration_does_not_matter(project: Project) -> None:
    project.write("ruff.toml", "exclude = ['code']\n[lint]\nselect = []\n")
    project.write("code/a.py", TANGLED)

    assert len(project.measure("complexity", paths=["code"], limit=11).findings) == 1
    assert project.measure("complexity", paths=["code"], limit=12).findings == []


def test_code_without_any_function_is_an_error(project: Project) -> None:
    project.write("code/a.py", "x = 1\n")

    with pytest.raises(ProbeError, match="no function in code"):
        project.measure("complexity", paths=["code"])
