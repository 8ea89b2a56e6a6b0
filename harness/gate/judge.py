"""Judges a phase: may we go forward, and can we come back?"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Sequence

import msgspec

from harness.evidence import Evidence, Provenance
from harness.gate.baseline import Baseline, same_machine
from harness.gate.changes import compare
from harness.gate.criteria import parse
from harness.gate.decisions import Decider
from harness.gate.verdict import Accepted, Forward, Judgement, ProbeState, State, Verdict, WayBack
from harness.gate.waivers import Waivers
from harness.rollout import Phase, Rollout
from harness.words import number


def judge(
    rollout: Rollout,
    phase: Phase,
    evidence: Sequence[Evidence],
    baseline: Baseline | None,
    provenance: Provenance,
    today: datetime.date,
) -> Verdict:
    """Judge the evidence of a phase; raises ConfigurationError where a requirement cannot be read."""
    found = {each.probe: each for each in evidence}
    waivers = Waivers(rollout.waiver, phase.number, today)
    criteria = _decide(phase, found, baseline, waivers, provenance)
    probes = _states(phase, found, criteria)
    way_back, back = _way_back(rollout, phase, criteria)
    forward, reasons = _forward(criteria, probes, way_back, back)
    return Verdict(
        rollout=rollout.name,
        phase=phase.number,
        phases=max(each.number for each in rollout.phase),
        name=phase.name,
        forward=forward,
        way_back=way_back,
        reasons=reasons,
        next_action=_next_action(phase, forward, way_back, reasons),
        criteria=criteria,
        probes=probes,
        waivers=waivers.states(),
        changes=compare(evidence, baseline.evidence if baseline else []),
        baseline=_accepted(baseline, provenance),
        judged={each.probe: hashlib.sha256(msgspec.json.encode(each)).hexdigest() for each in evidence},
        provenance=provenance,
    )


def _decide(
    phase: Phase, found: dict[str, Evidence], baseline: Baseline | None, waivers: Waivers, provenance: Provenance
) -> list[Judgement]:
    criteria = []
    for entry in phase.probe:
        decider = Decider(entry.name, found.get(entry.name), baseline, waivers, provenance)
        criteria += [decider.decide(each, parse(each, entry.name, phase)) for each in entry.criteria]
    return criteria


def _states(phase: Phase, found: dict[str, Evidence], criteria: list[Judgement]) -> list[ProbeState]:
    names = list(dict.fromkeys([*phase.probes, *found]))
    return [_state(name, name in phase.probes, found.get(name), criteria) for name in names]


def _state(name: str, listed: bool, evidence: Evidence | None, criteria: list[Judgement]) -> ProbeState:
    if evidence is None:
        return ProbeState(probe=name, state="HOLD", outcome="absent", reason="It was not run.", listed=listed)
    decisions = {each.decision for each in criteria if each.probe == name}
    reason = evidence.reason or "; ".join(evidence.unsound)
    state: State = "ok"
    if "breach" in decisions:
        state = "BREACH"
    elif evidence.outcome == "error" or evidence.unsound or decisions & {"missing", "unsound"}:
        state = "HOLD"
    elif evidence.outcome == "skipped":
        state = "skipped"
    elif "waived" in decisions:
        state = "waived"
    return ProbeState(probe=name, state=state, outcome=evidence.outcome, reason=reason, listed=listed)


def _way_back(rollout: Rollout, phase: Phase, criteria: list[Judgement]) -> tuple[WayBack, list[str]]:
    """Answer the second question from the criteria that ask it; the reasons say why it is not OPEN."""
    asked = [each for each in criteria if each.answers == "way back"]
    broken = [each for each in asked if each.decision in ("breach", "waived")]
    unproven = [each for each in asked if each.decision in ("missing", "unsound")]
    if broken:
        return "CLOSED", [_reason(each) for each in [*broken, *unproven]]
    if unproven:
        return "UNPROVEN", [_reason(each) for each in unproven]
    if asked or _changes_nothing(rollout, phase):
        return "OPEN", []
    return "UNPROVEN", ['No criterion asks whether one can come back; add one with answers = "way back".']


def _changes_nothing(rollout: Rollout, phase: Phase) -> bool:
    """Tell whether there is nothing to undo: no migrations, and the release that served before serves on."""
    earlier = rollout.before(phase)
    served = earlier[-1].serves if earlier else rollout.source.release
    return phase.way_back == "nothing" and not phase.migrations and phase.serves == served


def _forward(
    criteria: list[Judgement], probes: list[ProbeState], way_back: WayBack, back: list[str]
) -> tuple[Forward, list[str]]:
    """Answer the first question: a breach is NO-GO, a gap is HOLD, GO needs an open (or waived) way back."""
    breaches = [_reason(each) for each in criteria if each.decision == "breach"]
    gaps = [_reason(each) for each in criteria if each.decision in ("missing", "unsound")]
    told = {each.probe for each in criteria if each.decision in ("missing", "unsound")}
    gaps += [f"{each.probe}: {each.reason}" for each in probes if each.state == "HOLD" and each.probe not in told]
    if not any(each.answers == "forward" for each in criteria):
        gaps.append("No criterion asks whether one may go forward; add one to rollout.toml.")
    if way_back == "UNPROVEN":
        gaps += [reason for reason in back if reason not in gaps]
    reasons = list(dict.fromkeys(breaches + gaps))
    if breaches:
        return "NO-GO", reasons
    return ("HOLD", reasons) if reasons else ("GO", [])


def _reason(judgement: Judgement) -> str:
    return f"{judgement.probe}: {judgement.reason}"


def _next_action(phase: Phase, forward: Forward, way_back: WayBack, reasons: list[str]) -> str:
    title = f"phase {phase.number} ({phase.name})"
    if forward == "NO-GO":
        return f"Do not deploy {title}. Mend what broke its criterion, then run 'harness gate {phase.number}' again."
    if forward == "HOLD":
        return (
            f"Do not deploy {title} yet: {number(len(reasons), 'answer is', 'answers are')} missing. "
            f"Complete the evidence, then run 'harness gate {phase.number}' again."
        )
    if way_back == "CLOSED":
        return f"Deploy {title} only knowing that one cannot come back: a waiver accepts that, read it first."
    return f"Deploy {title}. {_return(phase)}"


def _return(phase: Phase) -> str:
    return {
        "nothing": "There is nothing to undo.",
        "migrate": "If trouble comes, migrate backward as the drill did; its steps stand under 'Way back'.",
        "serve": f"If trouble comes, serve the release before {phase.serves!r} again.",
        "restore": "If trouble comes, restore the backup as the drill did.",
    }[phase.way_back]


def _accepted(baseline: Baseline | None, provenance: Provenance) -> Accepted | None:
    if baseline is None:
        return None
    return Accepted(
        run=baseline.run,
        by=baseline.accepted_by,
        at=baseline.accepted,
        despite=baseline.despite,
        commit=baseline.provenance.commit,
        same_machine=same_machine(baseline.provenance, provenance),
        same_data=baseline.provenance.quick == provenance.quick,
    )
