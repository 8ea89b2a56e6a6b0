"""Comparing with accepted evidence: subject by subject, machine by machine."""

from __future__ import annotations

import pytest

from harness.errors import ConfigurationError
from harness.gate.baseline import baseline_path, read_baseline, write_baseline
from tests.harness.gate.cases import back, baseline, criterion, decide, entry, finding, measured, number, phase

SAFE = measured("way back", [number("lost rows", 0)])
OTHER_MACHINE = {"cpu": "Another CPU", "cores": 64, "memory_gib": 512, "architecture": "x86_64"}


def compare(now, before, require="<= 1.10 * baseline", unit="queries", **origin):
    """Judge numbers by subject against accepted ones."""
    plan = phase(entry("queries", criterion("n", require)), entry("way back", back()))
    numbers = [number("n", value, about, unit) for about, value in now.items()]
    accepted = None
    if before is not None:
        accepted = baseline(
            measured("queries", [number("n", value, about) for about, value in before.items()]), **origin
        )
    return decide(plan, measured("queries", numbers), SAFE, accepted=accepted)


@pytest.mark.parametrize(
    ("now", "before", "decision"),
    [
        ({"a": 11}, {"a": 10}, "ok"),
        ({"a": 12}, {"a": 10}, "breach"),
        ({"a": 0}, {"a": 0}, "ok"),
        ({"a": 1}, {"a": 0}, "breach"),
        ({"a": 1, "b": 9}, {"a": 9, "b": 1}, "breach"),
        ({"a": 1}, None, "missing"),
        ({"a": 1}, {}, "missing"),
        ({"a": 1, "new": 1}, {"a": 1}, "missing"),
        ({"a": 1}, {"a": 1, "gone": 1}, "missing"),
    ],
)
def test_a_number_is_compared_with_the_same_subject_of_the_baseline(now, before, decision):
    verdict = compare(now, before)
    assert verdict.criteria[0].decision == decision
    assert verdict.forward == {"ok": "GO", "breach": "NO-GO", "missing": "HOLD"}[decision]


@pytest.mark.parametrize(("now", "before"), [({"a": 1, "new": 1}, {"a": 1}), ({"a": 1}, {"a": 1, "gone": 1})])
def test_a_subject_that_one_side_lacks_is_named(now, before):
    odd = (set(now) ^ set(before)).pop()
    assert odd in compare(now, before).reasons[0]


def test_a_missing_baseline_says_how_to_get_one():
    assert "harness accept" in compare({"a": 1}, None).reasons[0]


def test_the_baselines_number_is_kept_beside_the_observed_one():
    judged = compare({"a": 12}, {"a": 10}).criteria[0]
    assert (judged.observed, judged.baseline, judged.subject) == (12, 10, "a")
    assert "baseline 10" in judged.reason


@pytest.mark.parametrize(
    ("unit", "decision"),
    [("ms", "unsound"), ("s", "unsound"), ("requests/s", "unsound"), ("queries", "ok"), ("", "ok")],
)
def test_timings_of_another_machine_are_unsound_and_counts_are_not(unit, decision):
    assert compare({"a": 1}, {"a": 1}, unit=unit, machine=OTHER_MACHINE).criteria[0].decision == decision


def test_an_absolute_limit_does_not_care_about_the_baselines_machine():
    assert compare({"a": 1}, {"a": 1}, require="<= 5", unit="ms", machine=OTHER_MACHINE).forward == "GO"


def test_a_baseline_from_another_amount_of_data_is_unsound_for_numbers():
    verdict = compare({"a": 1}, {"a": 1}, quick=True)
    assert verdict.criteria[0].decision == "unsound"
    assert verdict.baseline is not None
    assert not verdict.baseline.same_data


def new_findings(now, before):
    plan = phase(entry("security", criterion("findings", "none new")), entry("way back", back()))
    accepted = None if before is None else baseline(measured("security", [], before))
    return decide(plan, measured("security", [], now), SAFE, accepted=accepted)


@pytest.mark.parametrize(
    ("now", "before", "forward"),
    [
        (["a"], ["a"], "GO"),
        ([], ["a"], "GO"),
        (["a", "b"], ["a"], "NO-GO"),
        (["b"], ["a"], "NO-GO"),
        (["a", "a"], ["a"], "NO-GO"),
        (["a"], None, "HOLD"),
        ([], None, "GO"),
    ],
)
def test_new_findings_are_counted_not_only_recognized(now, before, forward):
    accepted = None if before is None else [finding(about) for about in before]
    assert new_findings([finding(about) for about in now], accepted).forward == forward


def test_a_finding_that_moved_to_another_line_is_not_new():
    verdict = new_findings([finding(file="a.py", line=90)], [finding(file="a.py", line=12)])
    assert verdict.forward == "GO"


def test_what_came_went_and_stayed_is_told():
    changes = new_findings([finding("stays"), finding("comes")], [finding("stays"), finding("went")]).changes[0]
    assert changes.new == [finding("comes").fingerprint]
    assert changes.still == [finding("stays").fingerprint]
    assert [each.about for each in changes.fixed] == ["went"]


def test_numbers_that_moved_are_told():
    moved = compare({"a": 3, "b": 5}, {"a": 4, "b": 5}).changes[0].numbers
    assert [(each.subject, each.before, each.now) for each in moved] == [("a", 4, 3)]


def test_a_baseline_survives_its_file(tmp_path):
    accepted = baseline(measured("queries", [number("n", 3, "a")], [finding()]))
    path = baseline_path(tmp_path, 3)
    write_baseline(accepted, path)
    assert path == tmp_path / "reports" / "baselines" / "phase-3.json"
    assert read_baseline(path) == accepted


def test_no_baseline_is_none_and_a_broken_one_is_an_error(tmp_path):
    path = tmp_path / "phase-3.json"
    assert read_baseline(path) is None
    path.write_text('{"phase": "three"}')
    with pytest.raises(ConfigurationError, match=r"phase-3\.json"):
        read_baseline(path)
