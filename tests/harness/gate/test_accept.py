"""What a person may make the baseline, and what nobody may."""

from __future__ import annotations

import pytest

from harness.errors import UsageError
from harness.evidence import Artifact, Evidence
from harness.gate.accept import accept
from tests.harness.gate.cases import back, criterion, decide, entry, finding, measured, number, phase

COMMIT = {"commit": "c" * 40}
PLAN = phase(entry("old code", criterion()), entry("way back", back()))
SAFE = measured("way back", [number("lost rows", 0)])


def accepted(*evidence, plan=PLAN, despite="", **origin):
    verdict = decide(plan, *evidence, **{**COMMIT, **origin})
    return accept(verdict, evidence, run="a-run", by="Grace", despite=despite)


def test_a_whole_run_is_accepted_without_its_details():
    rich = measured(
        "old code",
        [number()],
        [finding(severity="low")],
        details={"tables": []},
        artifacts=[Artifact(path="a", title="a", sha256="0" * 64)],
    )
    baseline = accepted(rich, SAFE)
    assert (baseline.phase, baseline.run, baseline.accepted_by, baseline.despite) == (3, "a-run", "Grace", "")
    kept = baseline.of("old code")
    assert kept is not None
    assert (kept.details, kept.artifacts) == ({}, [])
    assert kept.measurements == rich.measurements
    assert kept.findings == rich.findings


def test_a_hold_that_only_lacks_the_baseline_can_be_accepted():
    plan = phase(
        entry("old code", criterion(require="<= baseline"), criterion("findings", "none new")),
        entry("way back", back()),
    )
    assert accepted(measured("old code", [number()], [finding()]), SAFE, plan=plan).numbers("old code", "failures")


@pytest.mark.parametrize(
    ("evidence", "named"),
    [
        ([SAFE], "old code"),
        ([Evidence(probe="old code", outcome="error", reason="No."), SAFE], "old code"),
        ([Evidence(probe="old code", outcome="skipped", reason="No."), SAFE], "failures"),
        ([measured("old code", [number("other")]), SAFE], "failures"),
        ([measured("old code", [number()], unsound=["noise"]), SAFE], "old code"),
    ],
)
def test_what_was_not_measured_soundly_is_refused_whatever_the_reason(evidence, named):
    with pytest.raises(UsageError, match=named):
        accepted(*evidence, despite="we are in a hurry")


def test_evidence_that_changed_after_it_was_judged_is_refused():
    verdict = decide(PLAN, measured("old code", [number(value=3)]), SAFE, **COMMIT)
    with pytest.raises(UsageError, match="not the one that was judged"):
        accept(verdict, [measured("old code", [number(value=0)]), SAFE], run="a-run", by="Grace", despite="x")


@pytest.mark.parametrize(
    ("value", "origin", "doubt"),
    [(1, {}, "NO-GO"), (0, {"dirty": True}, "differed from the commit"), (0, {"commit": ""}, "commit is not known")],
)
def test_a_doubtful_run_needs_a_reason_that_is_kept(value, origin, doubt):
    evidence = (measured("old code", [number(value=value)]), SAFE)
    with pytest.raises(UsageError, match=doubt):
        accepted(*evidence, **origin)
    assert accepted(*evidence, despite=" agreed on Monday ", **origin).despite == "agreed on Monday"
