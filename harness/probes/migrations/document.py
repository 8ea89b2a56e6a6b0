"""The facts of one operation as a document: forward, backward, old code, the round trip and the hazards."""

from __future__ import annotations

from typing import Any

import msgspec

from harness.evidence import Finding
from harness.probes.migrations import culprits
from harness.probes.migrations.acceptances import Acceptance, Judged
from harness.probes.migrations.facts import Migration, Rehearsed, RoundTrip, Step

_DRIFT = ("drift-", "content-types-", "models-")
_ADVICE = ("foreign-key-without-index", "key-of-32-bits", "data-mixed-with-schema", "acceptance")
_VERBS = ("read", "insert", "update")


def operations(rehearsed: Rehearsed, judged: Judged, path: str) -> list[dict[str, Any]]:
    """Return a document for every operation of one migration; `path` is its file as findings name it.

    A finding about the whole migration stands at its first operation.
    """
    migration = rehearsed.migration
    back = rehearsed.round_trip.backward if rehearsed.round_trip else None
    return [
        {
            "app": migration.app,
            "migration": migration.migration,
            "index": step.index,
            "kind": step.kind,
            "describe": step.describe,
            "file": path,
            "line": step.line,
            "forward": msgspec.to_builtins(step.facts),
            "backward": backward(step, back),
            "old_code": old_code(migration, step),
            "round_trip": _round_trip(migration, step, rehearsed.round_trip),
            "hazards": _hazards(judged, migration, step),
        }
        for step in migration.operations
    ]


def _hazards(judged: Judged, migration: Migration, step: Step) -> list[dict[str, Any]]:
    found = [hazard(each) for each in judged.open if _concerns(each, migration, step)]
    return [*found, *(accepted(each, why) for each, why in judged.accepted if _concerns(each, migration, step))]


def _concerns(finding: Finding, migration: Migration, step: Step) -> bool:
    return finding.about == migration.about(step) or (finding.about == migration.name and step.index == 0)


def backward(step: Step, back: Migration | None) -> dict[str, Any] | None:
    """Return the facts of the way back of one operation, or why there is none; None where it was not tried."""
    if not step.reversible:
        return {"irreversible": f"{step.kind} has no reverse"}
    facts = next((each.facts for each in back.operations if each.index == step.index), None) if back else None
    if back and back.failure and back.failure.index == step.index:
        return {"irreversible": f"{back.failure.kind}: {back.failure.message}"}
    result: dict[str, Any] | None = msgspec.to_builtins(facts)
    return result


def old_code(migration: Migration, step: Step) -> dict[str, Any] | None:
    """Return what old code can still do after an operation, with the reasons where it cannot."""
    if migration.old_code is None:
        return None
    failures = [each for each in migration.old_code.failures if each.index == step.index]
    verbs = {verb: not any(each.verb == verb for each in failures) for verb in _VERBS}
    return {**verbs, "reasons": [f"{each.verb} {each.table}.{each.column}: {each.reason}" for each in failures]}


def _round_trip(migration: Migration, step: Step, trip: RoundTrip | None) -> dict[str, Any] | None:
    if trip is None:
        return None
    if trip.backward.failure:
        return {"lossless": False, "late_writes": "refused", "reasons": [trip.backward.failure.message]}
    changes = [each for each in trip.changes if culprits.find(migration, each.table, each.column) in (step, None)]
    late = [each for each in trip.late_changes if culprits.find(migration, each.table, each.column) in (step, None)]
    refused = trip.refused if trip.refused and trip.refused.index in (step.index, None) else None
    worst = "refused" if refused else "lost" if any(each.what == "lost" for each in late) else "altered"
    reasons = [f"{each.rows} rows of {each.table}, {each.column or 'whole'}: {each.what}" for each in changes]
    reasons += [
        f"late writes: {each.rows} rows of {each.table}, {each.column or 'whole'}: {each.what}" for each in late
    ]
    reasons += [f"late writes: {refused.message}"] if refused else []
    return {"lossless": not changes, "late_writes": worst if late or refused else "kept", "reasons": reasons}


def hazard(finding: Finding) -> dict[str, str]:
    """Return a finding as a hazard of an operation; `example` is the safe form as code, "" where there is none."""
    return {
        "code": finding.code,
        "about": about(finding),
        "severity": finding.severity,
        "why": finding.why,
        "instead": finding.remedy,
        "example": finding.example,
    }


def accepted(finding: Finding, acceptance: Acceptance) -> dict[str, Any]:
    """Return a finding as a hazard that a comment in the migration's file accepts."""
    return {**hazard(finding), "accepted": {"until": acceptance.until.isoformat(), "reason": acceptance.reason}}


def about(finding: Finding) -> str:
    """Return what a hazard is about: `forward`, `old_code`, `way_back`, `drift` or `advice`."""
    if finding.code.startswith("old-code"):
        return "old_code"
    if finding.code.startswith(_DRIFT):
        return "drift"
    if finding.side == "way back":
        return "way_back"
    return "advice" if finding.code.startswith(_ADVICE) or finding.code.endswith(_ADVICE) else "forward"
