"""What a run of pytest may take out of the ledger: what it knows to be gone, and nothing that it did not run."""

from __future__ import annotations

import json
from typing import Any

import pytest
from _pytest.reports import TestReport

from harness.pytest_plugin.collection import Run
from tests.harness.queries.test_plugin import Suite

FILE = "tests/test_kept.py"
NAME = f"{FILE}::test_kept"
TESTS = """
import pytest
from library.models import Author

pytestmark = pytest.mark.django_db


@pytest.mark.queries
@pytest.mark.parametrize("times", [1, 3], ids=["order 1", "a::b[3]"])
def test_kept(times):
    for _ in range(times):
        Author.objects.count()


def test_unmarked():
    Author.objects.count()


@pytest.mark.queries
@pytest.mark.skip(reason="not here")
def test_skipped():
    Author.objects.count()


def test_block(queries):
    with queries(name="a block"):
        Author.objects.count()
"""
OLD = {
    **dict.fromkeys((f"{FILE}::test_removed", f"{FILE}::test_unmarked", f"{FILE}::test_skipped", NAME)),
    "a block": [f"{FILE}::test_removed", f"{FILE}::test_block"],
    "lost block": [f"{FILE}::test_removed"],
    "tests/test_other.py::test_elsewhere": None,
}
GONE = {f"{FILE}::test_removed", f"{FILE}::test_unmarked", "lost block"}


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Suite:
    suite = Suite(tmp_path_factory.mktemp("ledger"))
    (suite.folder / "tests").mkdir()
    (suite.folder / "tests/test_other.py").touch()
    return suite


def record(suite: Suite, *options: str, whole: bool = False) -> tuple[dict[str, Any], str]:
    """Record over a ledger in which everything was asked twice; returns the new one and what was said."""
    path = suite.folder / "reports/baselines/queries.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    counts = {"reads": 2, "writes": 0, "cache": 0, "statements": []}
    tests = {name: {**counts, **({"tests": owners} if owners else {})} for name, owners in OLD.items()}
    path.write_text(json.dumps({"schema": 1, "tests": tests}))
    output = suite.run("test_kept.py", TESTS, "--queries-record", *options, whole=whole).output
    return json.loads(path.read_text())["tests"], output


def test_a_whole_file_takes_out_what_none_of_its_tests_counts(suite: Suite) -> None:
    entries, output = record(suite)

    assert set(OLD) - set(entries) == GONE
    assert f"no test counts it any more: {', '.join(sorted(GONE))}." in output
    assert (entries[NAME]["reads"], entries["a block"]["reads"]) == (3, 1)
    assert entries["a block"]["tests"] == [f"{FILE}::test_block"]


@pytest.mark.parametrize("chosen", [("-k", "order", FILE), (f"{FILE}::test_kept[order 1]", f"{FILE}::test_block")])
def test_a_part_of_a_file_takes_nothing_out_and_lowers_nothing_that_it_left_out(
    suite: Suite, chosen: tuple[str, ...]
) -> None:
    entries, _ = record(suite, *chosen, whole=True)

    assert set(entries) == set(OLD)
    assert (entries[NAME]["reads"], entries["a block"]["reads"]) == (2, 2)


def came_out(outcomes: dict[str, str], **facts: Any) -> Run:
    run = Run()
    tests = {f"a.py::{name}": f"a.py::{name.split('[')[0]}" for name in outcomes}
    run.know({"tests": tests, "whole": ["a.py"], "selected": [], "partial": False, **facts})
    for name, outcome in outcomes.items():
        if outcome:
            when: Any = "setup" if outcome == "skipped" else "call"
            run.collect(TestReport(f"a.py::{name}", ("a.py", 1, name), {}, outcome, None, when))  # type: ignore[arg-type]
    return run


@pytest.mark.parametrize(
    ("outcomes", "facts", "gone"),
    [
        ({"test_a": "passed"}, {}, {"test_a", "test_removed"}),
        ({}, {}, {"test_a", "test_removed"}),
        ({"test_a": "skipped"}, {}, {"test_removed"}),
        ({"test_a": "failed"}, {}, {"test_removed"}),
        ({"test_a[1]": "passed", "test_a[2]": "skipped"}, {}, {"test_removed"}),
        ({"test_a": "passed", "test_not_reached": ""}, {}, set()),
        ({"test_a": "passed"}, {"whole": []}, set()),
        ({"test_a": "passed"}, {"whole": ["b.py"]}, set()),
    ],
)
def test_a_test_is_gone_where_all_of_its_file_ran_without_it(
    outcomes: dict[str, str], facts: dict[str, Any], gone: set[str]
) -> None:
    run = came_out(outcomes, **facts)

    assert {name for name in ("test_a", "test_removed") if run.is_gone(f"a.py::{name}")} == gone


def test_counts_are_the_whole_of_a_test_where_all_of_its_parameters_passed() -> None:
    assert came_out({"test_a[1]": "passed", "test_a[2]": "passed"}).is_complete("a.py::test_a")
    assert not came_out({"test_a[1]": "passed", "test_a[2]": "skipped"}).is_complete("a.py::test_a")
    assert not came_out({"test_a[1]": "passed"}, selected=["a.py::test_a"]).is_complete("a.py::test_a")
