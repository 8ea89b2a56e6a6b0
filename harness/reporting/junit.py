"""JUnit XML for CI: one suite for each probe, one case for each criterion."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from harness.evidence import Evidence
from harness.gate.verdict import Judgement, ProbeState, Verdict

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(verdict: Verdict, evidence: Sequence[Evidence]) -> str:
    """Render the run; a breach is a failure, a missing or unsound criterion an error."""
    found = {each.probe: each for each in evidence}
    root = ET.Element("testsuites", name=_clean(f"{verdict.rollout}, phase {verdict.phase}"))
    for state in verdict.probes:
        root.append(_suite(state, found.get(state.probe), verdict.of(state.probe)))
    root.append(_verdict(verdict))
    for key in ("tests", "failures", "errors", "skipped"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(state: ProbeState, evidence: Evidence | None, criteria: list[Judgement]) -> ET.Element:
    cases = [_case(each) for each in criteria]
    if state.state == "HOLD" and not any(each.decision in ("missing", "unsound") for each in criteria):
        cases.append(_evidence_case(state))
    if state.state == "skipped" and not criteria:
        cases.append(_skipped_case(state))
    suite = _finish(state.probe, cases)
    if evidence:
        suite.set("time", f"{evidence.seconds:.3f}")
        if evidence.started:
            suite.set("timestamp", evidence.started.removesuffix("Z"))
    return suite


def _case(judgement: Judgement) -> ET.Element:
    about = f" [{judgement.about}]" if judgement.about != "*" else ""
    case = _element(judgement.probe, f"{judgement.measure}{about} {judgement.require}")
    kind = {"breach": "failure", "missing": "error", "unsound": "error"}.get(judgement.decision)
    if kind:
        _explain(case, kind, judgement.decision, judgement.reason)
    else:
        ET.SubElement(case, "system-out").text = _clean(f"{judgement.decision}: {judgement.reason}")
    return case


def _evidence_case(state: ProbeState) -> ET.Element:
    case = _element(state.probe, "evidence")
    _explain(case, "error", state.outcome, state.reason)
    return case


def _skipped_case(state: ProbeState) -> ET.Element:
    case = _element(state.probe, "evidence")
    ET.SubElement(case, "skipped", message=_clean(state.reason))
    return case


def _verdict(verdict: Verdict) -> ET.Element:
    case = _element("gate", f"forward {verdict.forward}, way back {verdict.way_back}")
    if verdict.forward != "GO":
        kind = "failure" if verdict.forward == "NO-GO" else "error"
        _explain(case, kind, verdict.forward, "\n".join(verdict.reasons) or verdict.next_action)
    return _finish("gate", [case])


def _finish(name: str, cases: list[ET.Element]) -> ET.Element:
    suite = ET.Element("testsuite", name=_clean(name), tests=str(len(cases)))
    for key, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(key, str(sum(case.find(tag) is not None for case in cases)))
    suite.extend(cases)
    return suite


def _element(probe: str, name: str) -> ET.Element:
    return ET.Element("testcase", classname=_clean(f"harness.{probe}"), name=_clean(name))


def _explain(case: ET.Element, tag: str, kind: str, reason: str) -> None:
    message = reason.splitlines()[0] if reason else kind
    ET.SubElement(case, tag, type=kind, message=_clean(message)).text = _clean(reason)


def _clean(text: str) -> str:
    """Drop the characters that XML 1.0 forbids."""
    return _FORBIDDEN.sub("", text)
