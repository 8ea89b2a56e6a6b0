"""The page on the roadmap: no line without a place, and every place exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.probes.probe import registry
from harness.rollout import read_rollout

REPOSITORY = Path(__file__).resolve().parents[3]
PAGE = (REPOSITORY / "docs/roadmap.md").read_text(encoding="utf-8")
LINES = {
    "Phase 1: Foundation": 8,
    "Phase 2: Service layer": 12,
    "Phase 3: Model consolidation": 8,
    "Phase 4: View refactoring": 12,
    "Phase 5: Testing and validation": 12,
    "Phase 6: Documentation and cleanup": 8,
    "Risk mitigation": 9,
    "Success criteria": 11,
    "Monitoring and metrics": 12,
    "Rollback plan": 8,
    "Post-implementation review": 8,
    "Future considerations": 11,
}
ROW = re.compile(r"^\| (?P<line>[^|]+) \| (?P<places>[^|]+) \|$", re.M)
CODE = re.compile(r"`([^`]+)`")
GATE = re.compile(r"gate (?P<phase>\d): (?P<probe>[^,]+), (?P<measure>.+)")
PROBE = re.compile(r"probe (?P<probe>.+)")
PATH = re.compile(r"[\w.\-]+(/[\w.\-]+)*")


def rows() -> list[tuple[str, list[str]]]:
    """Return the lines of the roadmap with the places that the page names."""
    found = [(row["line"], CODE.findall(row["places"])) for row in ROW.finditer(PAGE)]
    return [(line, places) for line, places in found if line != "line"]


def criteria() -> set[tuple[str, str, str]]:
    rollout = read_rollout(REPOSITORY / "rollout.toml")
    return {
        (str(phase.number), entry.name, criterion.measure)
        for phase in rollout.phase
        for entry in phase.probe
        for criterion in entry.criteria
    }


def is_there(place: str) -> bool:
    if found := GATE.fullmatch(place):
        return (found["phase"], found["probe"], found["measure"]) in criteria()
    if found := PROBE.fullmatch(place):
        return found["probe"] in registry()
    return bool(PATH.fullmatch(place)) and (REPOSITORY / place).exists()


def test_no_line_of_the_roadmap_is_missing() -> None:
    sections = re.split(r"^## ", PAGE, flags=re.M)[1:]
    counted = {text.split("\n", 1)[0]: len(ROW.findall(text)) - 1 for text in sections}
    assert counted == LINES


@pytest.mark.parametrize(("line", "places"), rows(), ids=lambda value: value if isinstance(value, str) else "")
def test_a_line_names_where_it_is_carried_out(line: str, places: list[str]) -> None:
    assert places, line
    assert [place for place in places if not is_there(place)] == []


def test_a_place_that_is_gone_is_noticed() -> None:
    assert not is_there("gate 4: api, nothing")
    assert not is_there("probe astrology")
    assert not is_there("platform/core/nothing.py")
