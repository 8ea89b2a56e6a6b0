"""``operations.toml``: what users do, declared once."""

from __future__ import annotations

import pytest

from harness.errors import ConfigurationError
from harness.gate.check import check_operations
from harness.operations import Catalog, Operation, read_operations
from tests.harness.gate.cases import phase, rollout

TEXT = """
schema = 1
[[actor]]
name = "student"
draw = "SELECT 1 AS user"
[[operation]]
name = "list courses"
request = "GET /api/courses/"
actor = "student"
allow = ["student"]
queries = { at_most = 4, grows = "linear" }
weight = 10
[[operation]]
name = "grade"
request = "POST /api/submissions/{id}/grade/"
releases = ["refactored"]
"""


@pytest.fixture
def read(tmp_path):
    def read(text=TEXT):
        path = tmp_path / "operations.toml"
        path.write_text(text, encoding="utf-8")
        return read_operations(path)

    return read


def test_a_catalog_is_read(read):
    catalog = read()
    listing, grade = catalog.operation
    assert (listing.method, listing.path, listing.writes) == ("GET", "/api/courses/", False)
    assert (grade.method, grade.writes) == ("POST", True)
    assert catalog.find_actor("student").draw
    assert catalog.find_actor("").name == ""
    assert [each.name for each in catalog.of("legacy")] == ["list courses"]


MISTAKES = {
    "unknown key": ("weight =", "wieght =", "did you mean 'weight'?"),
    "wrong type": ("weight = 10", 'weight = "10"', "expected `int`"),
    "no method": ("GET /api/courses/", "/api/courses/", "write it as 'GET /path/'"),
    "no path": ("GET /api/courses/", "GET courses", "write it as 'GET /path/'"),
    "unknown actor": (
        'actor = "student"',
        'actor = "pupil"',
        "names actor 'pupil', which is not declared; declared: student",
    ),
    "unknown actor allowed": ('["student"]', '["pupil"]', "'pupil'"),
    "two of a name": ('name = "grade"', 'name = "list courses"', "two operations are called 'list courses'"),
    "negative weight": ("weight = 10", "weight = -1", "negative weight"),
    "wrong growth": (
        '"linear"',
        '"log"',
        "key 'operation[0].queries.grows': invalid enum value 'log'; one of 'constant', 'linear', ''.",
    ),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_names_the_file_the_operation_and_the_remedy(read, case):
    old, new, said = MISTAKES[case]
    assert old in TEXT
    with pytest.raises(ConfigurationError) as caught:
        read(TEXT.replace(old, new, 1))
    assert "operations.toml" in str(caught.value)
    assert said in str(caught.value)


def test_an_operation_of_a_release_that_does_not_exist_is_a_mistake():
    catalog = Catalog(operation=[Operation(name="grade", request="GET /", releases=["legcay"])])
    with pytest.raises(ConfigurationError, match="did you mean 'legacy'"):
        check_operations(rollout(phase()), catalog)
