"""Small plans and evidence that the tests of the gate and of the reports judge for real."""

from __future__ import annotations

import datetime

from harness.evidence import Evidence, Finding, Measurement, Provenance
from harness.gate.baseline import Baseline
from harness.gate.judge import judge
from harness.gate.verdict import Verdict
from harness.rollout import Criterion, Phase, ProbeEntry, Release, Rollout, Source, Waiver

TODAY = datetime.date(2026, 11, 23)
MACHINE = {"cpu": "Test CPU", "cores": 2, "memory_gib": 8, "architecture": "x86_64", "kernel": "Linux 6"}


def criterion(measure="failures", require="== 0", **more) -> Criterion:
    return Criterion(measure=measure, require=require, **more)


def back(measure="lost rows", require="== 0", **more) -> Criterion:
    return Criterion(measure=measure, require=require, answers="way back", **more)


def number(name="failures", value=0, about="", unit="") -> Measurement:
    return Measurement(name=name, value=value, about=about, unit=unit)


def measured(probe="old code", numbers=(), findings=(), **more) -> Evidence:
    return Evidence(probe=probe, outcome="measured", measurements=list(numbers), findings=list(findings), **more)


def finding(about="core.0003", code="BLOCKS-WRITES", severity="high", **more) -> Finding:
    return Finding(code=code, severity=severity, about=about, **{"why": "it blocks every write", **more})


def provenance(**more) -> Provenance:
    return Provenance(**{"machine": MACHINE, "started": "2026-11-23T10:00:00Z", **more})


def phase(*entries: ProbeEntry, **more) -> Phase:
    return Phase(
        **{
            "number": 3,
            "name": "Consolidation",
            "serves": "legacy",
            "way_back": "migrate",
            "probe": list(entries),
            **more,
        }
    )


def entry(probe="old code", *criteria: Criterion) -> ProbeEntry:
    return ProbeEntry(name=probe, criteria=list(criteria))


def rollout(only: Phase, waivers=()) -> Rollout:
    release = Release(name="legacy", path=".", settings="config.settings")
    return Rollout(
        name="Test rollout", source=Source(release="legacy"), release=[release], phase=[only], waiver=list(waivers)
    )


def waiver(**more) -> Waiver:
    known = {"owner": "Ada", "reason": "mended in 4.2", "until": TODAY, "probe": "old code"}
    return Waiver(**{**known, **more})


def baseline(*evidence: Evidence, **more) -> Baseline:
    return Baseline(
        phase=3,
        run="2026-11-01T00-00-00Z-phase-3",
        accepted_by="Grace",
        accepted="2026-11-02T00:00:00Z",
        provenance=provenance(**more),
        evidence=list(evidence),
    )


def decide(only: Phase, *evidence: Evidence, accepted=None, waivers=(), **origin) -> Verdict:
    return judge(rollout(only, waivers), only, evidence, accepted, provenance(**origin), TODAY)
