"""The truth table of the verdict: what is GO, NO-GO and HOLD, and what opens the way back."""

from __future__ import annotations

import math

import msgspec
import pytest

from harness.errors import UsageError
from harness.evidence import Evidence
from harness.gate.verdict import read_verdict, write_verdict
from tests.harness.gate.cases import (
    back,
    baseline,
    criterion,
    decide,
    entry,
    finding,
    measured,
    number,
    phase,
    provenance,
)

FORWARD = {
    "ok": (measured("old code", [number(value=0)]), "ok"),
    "breach": (measured("old code", [number(value=3)]), "breach"),
    "no such measurement": (measured("old code", [number("other", 0)]), "missing"),
    "skipped": (Evidence(probe="old code", outcome="skipped", reason="SQLite has no locks."), "missing"),
    "error": (Evidence(probe="old code", outcome="error", reason="It broke off."), "missing"),
    "not run": (None, "missing"),
    "unsound": (measured("old code", [number(value=0)], unsound=["too few requests"]), "unsound"),
    "unsound and bad": (measured("old code", [number(value=9)], unsound=["too few requests"]), "unsound"),
}
WAY_BACK = {
    "ok": (measured("way back", [number("lost rows", 0)]), "OPEN"),
    "breach": (measured("way back", [number("lost rows", 7)]), "CLOSED"),
    "missing": (None, "UNPROVEN"),
    "unsound": (measured("way back", [number("lost rows", 0)], unsound=["no late writes"]), "UNPROVEN"),
}
BOTH = phase(entry("old code", criterion()), entry("way back", back()))


@pytest.mark.parametrize("case", FORWARD)
@pytest.mark.parametrize("behind", WAY_BACK)
def test_forward_is_go_only_where_everything_is_ok_and_the_way_back_is_open(case, behind):
    ahead, decision = FORWARD[case]
    return_evidence, way_back = WAY_BACK[behind]
    verdict = decide(BOTH, *[each for each in (ahead, return_evidence) if each])
    assert verdict.criteria[0].decision == decision
    assert verdict.way_back == way_back
    if decision == "breach" or way_back == "CLOSED":
        assert (verdict.forward, verdict.exit_code) == ("NO-GO", 1)
    elif decision != "ok" or way_back != "OPEN":
        assert (verdict.forward, verdict.exit_code) == ("HOLD", 3)
    else:
        assert (verdict.forward, verdict.exit_code) == ("GO", 0)
    assert bool(verdict.reasons) == (verdict.forward != "GO")


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("require", ["<= 1", ">= 1", "!= 1", "== 1"])
def test_what_is_not_a_number_is_never_go(value, require):
    evidence = [measured("old code", [number(value=value)]), WAY_BACK["ok"][0]]
    plan = phase(entry("old code", criterion(require=require)), entry("way back", back()))
    assert decide(plan, *evidence).forward == "HOLD"


@pytest.mark.parametrize(
    ("evidence", "state"),
    [
        ([], "HOLD"),
        ([Evidence(probe="load", outcome="error", reason="Locust is not installed.")], "HOLD"),
        ([measured("load", unsound=["no requests"])], "HOLD"),
        ([Evidence(probe="load", outcome="skipped", reason="Nothing to load.")], "skipped"),
    ],
)
def test_a_listed_probe_without_a_criterion_still_holds_the_gate_unless_it_was_skipped(evidence, state):
    plan = phase(entry("old code", criterion()), entry("way back", back()), entry("load"))
    verdict = decide(plan, FORWARD["ok"][0], WAY_BACK["ok"][0], *evidence)
    assert verdict.probes[2].state == state
    assert verdict.forward == ("GO" if state == "skipped" else "HOLD")
    if state == "HOLD":
        assert any(reason.startswith("load: ") for reason in verdict.reasons)


def test_a_phase_without_a_criterion_for_the_way_back_is_unproven_and_held():
    verdict = decide(phase(entry("old code", criterion())), FORWARD["ok"][0])
    assert (verdict.forward, verdict.way_back) == ("HOLD", "UNPROVEN")
    assert 'answers = "way back"' in verdict.reasons[0]


def test_a_phase_without_a_criterion_for_going_forward_is_held():
    verdict = decide(phase(entry("way back", back())), WAY_BACK["ok"][0])
    assert (verdict.forward, verdict.way_back) == ("HOLD", "OPEN")


@pytest.mark.parametrize(
    ("change", "expected"),
    [({}, "OPEN"), ({"migrations": ["core"]}, "UNPROVEN"), ({"way_back": "serve"}, "UNPROVEN")],
)
def test_a_phase_that_changes_nothing_has_nothing_to_undo(change, expected):
    plan = phase(entry("old code", criterion()), **{"way_back": "nothing", **change})
    assert decide(plan, FORWARD["ok"][0]).way_back == expected


def test_the_worst_subject_is_named_with_the_others():
    numbers = [
        number("queries", 3, "list courses"),
        number("queries", 90, "show quiz"),
        number("queries", 8, "list users"),
    ]
    plan = phase(entry("queries", criterion("queries", "<= 4")), entry("way back", back()))
    judged = decide(plan, measured("queries", numbers), WAY_BACK["ok"][0]).criteria[0]
    assert (judged.observed, judged.subject) == (90, "show quiz")
    assert "show quiz" in judged.reason
    assert "list users" in judged.reason
    assert "list courses" not in judged.reason


def test_about_restricts_a_criterion_to_its_subjects():
    numbers = [number("queries", 3, "list courses"), number("queries", 90, "show quiz")]
    plan = phase(entry("queries", criterion("queries", "<= 4", about="list *")), entry("way back", back()))
    assert decide(plan, measured("queries", numbers), WAY_BACK["ok"][0]).forward == "GO"


def test_about_that_fits_nothing_is_missing():
    plan = phase(entry("queries", criterion("queries", "<= 4", about="lst *")), entry("way back", back()))
    verdict = decide(plan, measured("queries", [number("queries", 3, "list courses")]), WAY_BACK["ok"][0])
    assert verdict.forward == "HOLD"
    assert "lst *" in verdict.reasons[0]


def test_a_breach_names_the_finding_that_explains_it():
    culprit = finding("grade submission", "OLD-CODE", file="platform/core/models.py", line=9, why="column is NOT NULL")
    plan = phase(entry("old code", criterion(why="legacy serves on it")), entry("way back", back()))
    verdict = decide(plan, measured("old code", [number(value=1)], [culprit]), WAY_BACK["ok"][0])
    for part in ("grade submission", "platform/core/models.py:9", "column is NOT NULL", "legacy serves on it"):
        assert part in verdict.reasons[0]


@pytest.mark.parametrize(
    ("severity", "required", "decision"),
    [("high", "high", "breach"), ("medium", "high", "ok"), ("low", "low", "breach"), ("low", "medium", "ok")],
)
def test_findings_count_from_the_required_severity_upwards(severity, required, decision):
    plan = phase(entry("migrations", criterion("findings", "none", severity=required)), entry("way back", back()))
    verdict = decide(plan, measured("migrations", [], [finding(severity=severity)]), WAY_BACK["ok"][0])
    assert verdict.criteria[0].decision == decision


@pytest.mark.parametrize(("side", "forward", "behind"), [("forward", "breach", "ok"), ("way back", "ok", "breach")])
def test_a_finding_counts_for_the_question_that_it_bears_on(side, forward, behind):
    plan = phase(entry("migrations", criterion("findings", "none"), back("findings", "none")))
    verdict = decide(plan, measured("migrations", [], [finding(side=side)]))
    assert [each.decision for each in verdict.criteria] == [forward, behind]


def test_a_finding_in_unsound_evidence_is_still_a_fact_but_its_absence_proves_nothing():
    plan = phase(entry("load", criterion("findings", "none")), entry("way back", back()))
    found = decide(plan, measured("load", [], [finding()], unsound=["generator too busy"]), WAY_BACK["ok"][0])
    none = decide(plan, measured("load", [], [], unsound=["generator too busy"]), WAY_BACK["ok"][0])
    assert (found.forward, none.forward) == ("NO-GO", "HOLD")
    assert "generator too busy" in none.reasons[0]


def test_a_verdict_names_the_hashes_that_it_judged_and_survives_its_file(tmp_path):
    verdict = decide(BOTH, FORWARD["ok"][0], WAY_BACK["ok"][0], accepted=baseline(measured()))
    path = tmp_path / "verdict.json"
    write_verdict(verdict, path)
    assert set(verdict.judged) == {"old code", "way back"}
    assert all(len(digest) == 64 for digest in verdict.judged.values())
    assert read_verdict(path) == verdict
    plain = msgspec.json.decode(path.read_bytes())
    assert (plain["schema"], plain["phase"], plain["forward"], plain["way_back"]) == (1, 3, "GO", "OPEN")
    keys = {"probe", "measure", "require", "observed", "baseline", "decision", "reason"}
    assert all(keys <= set(each) for each in plain["criteria"])
    assert plain["provenance"]["machine"] == provenance().machine


@pytest.mark.parametrize("text", [None, "{", '{"schema": 2}'])
def test_a_verdict_that_is_not_there_or_broken_is_one_sentence(tmp_path, text):
    path = tmp_path / "verdict.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(UsageError, match=r"verdict\.json"):
        read_verdict(path)
