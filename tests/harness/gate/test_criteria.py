"""What a requirement says, and how a wrong one is answered."""

from __future__ import annotations

import math

import pytest

from harness.errors import ConfigurationError
from harness.gate.criteria import Bound, NoFindings, parse
from tests.harness.gate.cases import criterion, phase


def read(require, measure="p95"):
    return parse(criterion(measure, require), "load", phase())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<= 200", Bound("<=", 200.0)),
        ("<200", Bound("<", 200.0)),
        (">= 90.5", Bound(">=", 90.5)),
        ("> 0", Bound(">", 0.0)),
        ("== 0", Bound("==", 0.0)),
        ("!= -1", Bound("!=", -1.0)),
        ("  <=   200 ", Bound("<=", 200.0)),
        ("<= baseline", Bound("<=", factor=1.0)),
        ("<= 1.10 * baseline", Bound("<=", factor=1.1)),
        (">=0.9*baseline", Bound(">=", factor=0.9)),
    ],
)
def test_a_bound_is_read(text, expected):
    assert read(text) == expected


@pytest.mark.parametrize(("text", "new"), [("none", False), ("none new", True), (" none  new ", True)])
def test_findings_are_forbidden_or_new_ones_are(text, new):
    assert read(text, "findings") == NoFindings(new=new)


@pytest.mark.parametrize(
    "text",
    ["", "200", "=< 200", "<= ", "<= 200 ms", "<= baseline * 2", "<= nan", "none", "<= 1e3", "<= 2 baseline", "= 0"],
)
def test_a_requirement_that_cannot_be_read_names_phase_probe_and_criterion(text):
    with pytest.raises(ConfigurationError) as caught:
        read(text)
    message = str(caught.value)
    assert "phase 3" in message
    assert "'load'" in message
    assert "'p95'" in message
    assert repr(text) in message
    assert "<= 200" in message


def test_findings_cannot_be_required_as_a_number():
    with pytest.raises(ConfigurationError, match="'none' or 'none new'"):
        read("<= 3", "findings")


@pytest.mark.parametrize("text", ["<= 1", "< 1", ">= 1", "> 1", "== 1", "!= 1"])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_a_number_fulfils_nothing(text, value):
    assert not read(text).holds(value, 1.0)


@pytest.mark.parametrize(
    ("text", "fine", "broken"),
    [("<= 5", 5, 6), ("< 5", 4, 5), (">= 5", 5, 4), ("> 5", 6, 5), ("== 5", 5, 4), ("!= 5", 4, 5)],
)
def test_an_operator_means_what_it_says(text, fine, broken):
    bound = read(text)
    assert bound.holds(fine, 5.0)
    assert not bound.holds(broken, 5.0)
    assert bound.excess(broken, 5.0) > bound.excess(fine, 5.0)


@pytest.mark.parametrize("missing", [None, math.nan, math.inf])
def test_a_comparison_without_a_usable_baseline_has_no_limit(missing):
    assert read("<= 1.1 * baseline").limit(missing) is None


def test_a_factor_is_applied_to_the_baseline():
    assert read("<= 1.5 * baseline").limit(10) == 15.0
