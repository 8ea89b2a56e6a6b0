"""Makes the evidence of a run the baseline, if a person may accept it at all."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec

from harness.errors import UsageError
from harness.evidence import Evidence
from harness.gate.baseline import Baseline
from harness.gate.criteria import FINDINGS
from harness.gate.verdict import Judgement, Verdict
from harness.provenance import now


def accept(verdict: Verdict, evidence: Sequence[Evidence], *, run: str, by: str, despite: str = "") -> Baseline:
    """Return the baseline that a person accepts.

    Raises UsageError where evidence is missing, unsound or not the judged one (nobody can accept what nobody measured)
    and where the run is a NO-GO or its commit is unknown or dirty and `despite` gives no reason for accepting it.
    """
    _refuse(run, _altered(verdict, evidence) or _incomplete(verdict, evidence))
    doubts = _doubts(verdict)
    if doubts and not despite.strip():
        raise UsageError(f"Run {run} is not accepted: {'; '.join(doubts)}; say why it may be, with --despite REASON.")
    return Baseline(
        phase=verdict.phase,
        run=run,
        accepted_by=by,
        accepted=now(),
        despite=despite.strip() if doubts else "",
        provenance=verdict.provenance,
        evidence=[msgspec.structs.replace(each, details={}, artifacts=[]) for each in evidence],
    )


def _refuse(run: str, why: str) -> None:
    if why:
        raise UsageError(f"Run {run} cannot be accepted: {why}; run the gate again.")


def _altered(verdict: Verdict, evidence: Sequence[Evidence]) -> str:
    hashes = {each.probe: hashlib.sha256(msgspec.json.encode(each)).hexdigest() for each in evidence}
    return "" if hashes == verdict.judged else "its evidence is not the one that was judged"


def _incomplete(verdict: Verdict, evidence: Sequence[Evidence]) -> str:
    found = {each.probe: each for each in evidence}
    for state in verdict.probes:
        if state.outcome in ("absent", "error"):
            return f"probe {state.probe!r} brought no evidence"
        if found[state.probe].unsound:
            return f"the numbers of probe {state.probe!r} must not be believed"
    for each in verdict.criteria:
        if _unmeasured(each, found[each.probe]):
            return f"probe {each.probe!r} did not measure {each.measure!r}"
    return ""


def _unmeasured(judgement: Judgement, evidence: Evidence) -> bool:
    if evidence.outcome != "measured":
        return True
    return judgement.measure != FINDINGS and not evidence.select(judgement.measure)


def _doubts(verdict: Verdict) -> list[str]:
    doubts = []
    if verdict.forward == "NO-GO":
        doubts.append("its verdict is NO-GO")
    if not verdict.provenance.commit:
        doubts.append("its commit is not known")
    if verdict.provenance.dirty:
        doubts.append("its files differed from the commit")
    return doubts
