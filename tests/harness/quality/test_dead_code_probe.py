"""The probe "dead code": what nothing uses, imports that nothing needs, and deprecated code are told apart."""

from __future__ import annotations

import pytest

from tests.harness.quality.conftest import Project, value

USED = "def used():\n    return 1\n\n\nused()\n"


def test_code_that_is_used_is_no_finding(project: Project) -> None:
    project.write("code/a.py", USED)

    evidence = project.measure("dead code", paths=["code"])

    assert evidence.summary == "0 unused code, 0 unused imports, 0 deprecated code"
    assert value(evidence, "files") == 1


def test_a_function_that_nothing_calls_is_found(project: Project) -> None:
    project.write("code/a.py", USED + "\n\ndef unused():\n    return 2\n")

    [finding] = project.measure("dead code", paths=["code"]).findings

    assert (finding.code, finding.about, finding.line) == ("unused-code", "code/a.py: unused", 8)


def test_lines_that_cannot_be_reached_are_found(project: Project) -> None:
    project.write("code/a.py", "def used():\n    return 1\n    print()\n\n\nused()\n")

    [finding] = project.measure("dead code", paths=["code"]).findings

    assert (finding.code, finding.severity, finding.line) == ("unused-code", "medium", 3)


def test_what_only_other_files_use_is_no_finding_where_they_are_named(project: Project) -> None:
    project.write("code/a.py", "def rare():\n    return 2\n")
    project.write("migrations/m.py", "from code.a import rare\n\nrare()\n\n\ndef forward():\n    pass\n")

    assert len(project.measure("dead code", paths=["code"]).findings) == 1
    assert project.measure("dead code", paths=["code"], used_in=["migrations"]).findings == []


def test_what_a_framework_calls_can_be_named(project: Project) -> None:
    project.write("code/a.py", "def handler404():\n    pass\n\n\n@task\ndef nightly():\n    pass\n")

    evidence = project.measure("dead code", paths=["code"], ignore_names=["handler*"], ignore_decorators=["@task"])

    assert evidence.findings == []


VIEW = """
class View:
    total = serializers.SerializerMethodField()

    def post(self, request):
        return request

    def get_total(self, order):
        return 1

    def get_taxes(self, order):
        return 2


print(View)
"""


def test_what_django_calls_by_itself_is_no_finding_unless_that_is_switched_off(project: Project) -> None:
    project.write("code/a.py", VIEW)

    found = project.measure("dead code", paths=["code"]).findings
    without = project.measure("dead code", paths=["code"], django=False).findings

    assert [each.about for each in found] == ["code/a.py: get_taxes"]
    assert len(without) == 3


@pytest.mark.parametrize("text", ["'code.a.respond'", "['respond']", "'code.a:respond'", "'order__respond'"])
def test_a_name_in_a_string_counts_as_used_unless_that_is_switched_off(project: Project, text: str) -> None:
    project.write("code/a.py", f'def respond():\n    """Respond."""\n    return 1\n\n\nprint({text})\n')

    assert project.measure("dead code", paths=["code"]).findings == []
    assert len(project.measure("dead code", paths=["code"], strings=False).findings) == 1


def test_a_name_in_a_sentence_does_not_count_as_used(project: Project) -> None:
    project.write("code/a.py", "def respond():\n    return 1\n\n\nprint('we respond to that')\n")

    assert len(project.measure("dead code", paths=["code"]).findings) == 1


def test_an_unused_import_is_found_unless_its_line_names_the_rule(project: Project) -> None:
    project.write(
        "code/a.py", "# ruff: noqa\nimport os\nimport re  # noqa\nimport json  # noqa: E501, F401  side effect\n"
    )

    evidence = project.measure("dead code", paths=["code"])

    assert [(each.code, each.line) for each in evidence.findings] == [("F401", 2), ("F401", 3)]
    assert value(evidence, "unused imports") == 2


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("@typing.deprecated('use new')\ndef old():\n    pass\n\n\nold()\n", "old"),
        ("@deprecated\nclass Old:\n    pass\n\n\nOld()\n", "Old"),
        ("import warnings\n\nwarnings.warn('gone soon', DeprecationWarning, stacklevel=2)\n", "a warning"),
        ("import warnings\n\nwarnings.warn('soon', category=PendingDeprecationWarning)\n", "a warning"),
    ],
)
def test_code_that_is_marked_as_deprecated_is_found(project: Project, text: str, what: str) -> None:
    project.write("code/a.py", text)

    [finding] = project.measure("dead code", paths=["code"]).findings

    assert (finding.code, finding.about) == ("deprecated-code", f"code/a.py: {what}")


def test_an_import_from_where_a_name_has_left_is_deprecated(project: Project) -> None:
    project.write("code/a.py", "from typing import List\n\nx: List[int] = []\nprint(x)\n")

    evidence = project.measure("dead code", paths=["code"])

    assert [each.code for each in evidence.findings] == ["UP035"]
    assert value(evidence, "deprecated code") == 1
