"""JUnit: what CI servers read."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from harness.evidence import Evidence
from harness.reporting.junit import render
from tests.harness.gate.cases import back, criterion, decide, entry, measured, number, phase
from tests.harness.reporting.samples import broken, fine


def suites(sample):
    root = ET.fromstring(render(*sample))
    return root, {suite.get("name"): suite for suite in root}


def kinds(suite):
    return [child.tag for case in suite for child in case]


def test_a_good_run_has_a_passing_case_for_each_criterion():
    root, found = suites(fine())
    assert [root.get(key) for key in ("tests", "failures", "errors", "skipped")] == ["4", "0", "0", "0"]
    assert [case.get("name") for case in found["way back"]] == ["lost rows == 0", "late writes > 0"]
    assert found["way back"].get("time") == "14.000"


def test_a_breach_is_a_failure_and_what_is_missing_or_unsound_an_error():
    root, found = suites(broken())
    assert kinds(found["tests"]) == ["failure", "system-out"]
    assert kinds(found["old code"]) == ["error"]
    assert kinds(found["load"]) == ["error"]
    assert kinds(found["way back"]) == ["system-out", "system-out"]
    assert kinds(found["gate"]) == ["failure"]
    assert (root.get("failures"), root.get("errors")) == ("6", "2")
    failure = found["tests"].find("testcase/failure")
    assert failure is not None
    assert "test_a_course_lists_its_tasks" in failure.get("message", "")


def test_the_counts_of_a_suite_are_those_of_its_cases():
    root, _ = suites(broken())
    for suite in root:
        for key, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(key, "-1")) == len(suite.findall(f"testcase/{tag}"))
        assert int(suite.get("tests", "-1")) == len(suite.findall("testcase"))


def test_a_probe_without_criteria_that_failed_or_was_skipped_still_has_a_case():
    plan = phase(entry("old code", criterion()), entry("way back", back()), entry("load"), entry("queries"))
    evidence = [
        measured("old code", [number()]),
        measured("way back", [number("lost rows")]),
        Evidence(probe="load", outcome="error", reason="Locust is not installed."),
        Evidence(probe="queries", outcome="skipped", reason="Nothing to ask."),
    ]
    _, found = suites((decide(plan, *evidence), evidence))
    assert kinds(found["load"]) == ["error"]
    assert kinds(found["queries"]) == ["skipped"]
    assert kinds(found["gate"]) == ["error"]
