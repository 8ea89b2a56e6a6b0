"""An accepted breach: who it covers, until when, and what it can never do."""

from __future__ import annotations

import datetime

import pytest

from harness.evidence import Evidence
from tests.harness.gate.cases import TODAY, back, criterion, decide, entry, finding, measured, number, phase, waiver

PLAN = phase(entry("old code", criterion()), entry("way back", back()))
SAFE = measured("way back", [number("lost rows", 0)])
BROKEN = measured("old code", [number(value=2, about="grade submission")])


def states(verdict):
    return [each.state for each in verdict.waivers]


def test_a_waiver_accepts_a_breach_and_is_told():
    verdict = decide(PLAN, BROKEN, SAFE, waivers=[waiver(measure="failures")])
    assert (verdict.forward, verdict.criteria[0].decision) == ("GO", "waived")
    assert "Ada until 2026-11-23 (mended in 4.2)" in verdict.criteria[0].reason
    assert states(verdict) == ["in force"]
    assert verdict.probes[0].state == "waived"


@pytest.mark.parametrize(("days", "forward", "state"), [(0, "GO", "in force"), (-1, "NO-GO", "expired")])
def test_a_waiver_counts_up_to_its_last_day(days, forward, state):
    known = waiver(measure="failures", until=TODAY + datetime.timedelta(days=days))
    verdict = decide(PLAN, BROKEN, SAFE, waivers=[known])
    assert (verdict.forward, states(verdict)) == (forward, [state])


@pytest.mark.parametrize(
    "other",
    [{"measure": "other"}, {"probe": "way back", "measure": "failures"}, {"measure": "failures", "about": "list *"}],
)
def test_a_waiver_for_something_else_does_not_count_and_is_reported_as_unused(other):
    verdict = decide(PLAN, BROKEN, SAFE, waivers=[waiver(**other)])
    assert (verdict.forward, states(verdict)) == ("NO-GO", ["unused"])


def test_a_waiver_of_another_phase_is_none_of_this_ones_business():
    verdict = decide(PLAN, BROKEN, SAFE, waivers=[waiver(measure="failures", phase=4)])
    assert (verdict.forward, verdict.waivers) == ("NO-GO", [])


def test_every_broken_subject_must_be_covered():
    two = measured("old code", [number(value=2, about="grade submission"), number(value=1, about="show quiz")])
    first, second = (waiver(measure="failures", about=about) for about in ("grade *", "show *"))
    assert decide(PLAN, two, SAFE, waivers=[first]).forward == "NO-GO"
    assert "show quiz" in decide(PLAN, two, SAFE, waivers=[first]).reasons[0]
    assert decide(PLAN, two, SAFE, waivers=[first, second]).forward == "GO"


@pytest.mark.parametrize(
    ("known", "forward"),
    [
        ({"code": "BLOCKS-WRITES"}, "GO"),
        ({"code": "BLOCKS-WRITES", "about": "core.0003"}, "GO"),
        ({"code": "BLOCKS-WRITES", "about": "core/*.py"}, "GO"),
        ({"measure": "findings"}, "GO"),
        ({"code": "BLOCKS-WRITES", "about": "core.0004"}, "NO-GO"),
        ({"code": "REWRITES"}, "NO-GO"),
    ],
)
def test_findings_are_waived_by_code_subject_or_file(known, forward):
    plan = phase(entry("migrations", criterion("findings", "none")), entry("way back", back()))
    evidence = measured("migrations", [], [finding(file="core/0003.py")])
    assert decide(plan, evidence, SAFE, waivers=[waiver(probe="migrations", **known)]).forward == forward


@pytest.mark.parametrize(
    "evidence",
    [
        Evidence(probe="old code", outcome="error", reason="It broke off."),
        measured("old code", [number("other", 1)]),
        measured("old code", [number(value=0)], unsound=["too few requests"]),
    ],
)
def test_what_is_missing_or_unsound_cannot_be_waived(evidence):
    assert decide(PLAN, evidence, SAFE, waivers=[waiver(measure="failures")]).forward == "HOLD"


def test_a_waiver_accepts_a_closed_way_back_but_does_not_open_it():
    fine = measured("old code", [number(value=0)])
    lost = measured("way back", [number("lost rows", 7)])
    verdict = decide(PLAN, fine, lost, waivers=[waiver(probe="way back", measure="lost rows")])
    assert (verdict.forward, verdict.way_back) == ("GO", "CLOSED")
    assert "cannot come back" in verdict.next_action
