"""The probe "documentation": what is public needs a docstring, and promised pages need text."""

from __future__ import annotations

import pytest

from harness.errors import ProbeError
from tests.harness.quality.conftest import Project, value

MODULE = '''"""A module."""

from os import path


class Shop:
    """A shop."""

    class Meta:
        pass

    def __str__(self):
        return ""

    @property
    def size(self):
        return 1

    async def sell(self):
        """Sell."""

    def _hidden(self):
        pass


def _private():
    pass
'''


def test_public_classes_functions_and_properties_count_and_private_ones_do_not(project: Project) -> None:
    project.write("code/shop.py", MODULE)

    evidence = project.measure("documentation", paths=["code"])

    assert [(each.about, each.line) for each in evidence.findings] == [
        ("code/shop.py: Shop.Meta", 9),
        ("code/shop.py: Shop.size", 16),
    ]
    assert (value(evidence, "definitions"), value(evidence, "undocumented")) == (5, 2)
    assert value(evidence, "documented") == 60


def test_names_that_need_no_docstring_can_be_left_out(project: Project) -> None:
    project.write("code/shop.py", MODULE)

    evidence = project.measure("documentation", paths=["code"], ignore_names=["Meta", "siz*"])

    assert value(evidence, "documented") == 100


def test_a_module_without_a_docstring_is_found_and_an_empty_or_private_one_is_not(project: Project) -> None:
    project.write("code/__init__.py", "")
    project.write("code/bare.py", "x = 1\n")
    project.write("code/_tools.py", "x = 1\n")

    [finding] = project.measure("documentation", paths=["code"]).findings

    assert (finding.code, finding.about) == ("undocumented", "code/bare.py")


def test_each_folder_has_a_share_of_its_own(project: Project) -> None:
    project.write("code/good/a.py", '"""Good."""\n')
    project.write("code/bad/a.py", '"""Bad."""\n\n\ndef f():\n    pass\n')

    evidence = project.measure("documentation", paths=["code"])

    assert (value(evidence, "documented", "code/good"), value(evidence, "documented", "code/bad")) == (100, 50)


@pytest.mark.parametrize("text", [None, " \n"])
def test_a_promised_page_that_is_missing_or_empty_is_found(project: Project, text: str | None) -> None:
    project.write("code/a.py", '"""Good."""\n')
    project.write("docs/api.md", "All of it.\n")
    if text is not None:
        project.write("docs/guide.md", text)

    evidence = project.measure("documentation", paths=["code"], pages=["docs/a*.md", "docs/guide.md"])

    assert [(each.code, each.about) for each in evidence.findings] == [("missing-page", "docs/guide.md")]
    assert value(evidence, "missing pages") == 1


def test_code_in_which_nothing_is_public_is_an_error(project: Project) -> None:
    project.write("code/_tools.py", "x = 1\n")

    with pytest.raises(ProbeError, match="Nothing in code is public"):
        project.measure("documentation", paths=["code"])
