"""Rehearses the whole corpus as ``harness migrations`` does, and sets what was found beside what is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.databases import Server
from harness.evidence import Finding
from harness.probes.migrations.history import History
from harness.probes.migrations.judge import judge
from tests.harness.migrations.cases import CASES, FAILING, MORE, Case
from tests.harness.migrations.scratch import Project

ALL = [*CASES, *MORE, *FAILING]
TOGETHER = 12


@dataclass
class JudgedCase:
    """One case with everything that was found about it."""

    case: Case
    findings: list[Finding]

    @property
    def expected(self) -> set[str]:
        """The codes of its hazards."""
        return self.case.codes | self.case.more

    @property
    def found(self) -> set[str]:
        """The codes of its findings."""
        return {each.code for each in self.findings}


def rehearse(server: Server, folder: Path, cases: Sequence[Case] = ALL) -> list[JudgedCase]:
    """Rehearse cases, a few in one project: a copy of the database costs the more the more tables it has."""
    found: list[JudgedCase] = []
    for start in range(0, len(cases), TOGETHER):
        found += _rehearse(server, Project(folder / str(start)), cases[start : start + TOGETHER])
    return found


def _rehearse(server: Server, project: Project, cases: Sequence[Case]) -> list[JudgedCase]:
    for case in cases:
        project.case(case)
    database = server.create("history")
    with project.agent(database) as agent:
        history = History(server, database, agent, lambda *_: None, old_code=True, way_back=True)
        chosen = [each for each in history.plan.migrations if each.migration == "0002_case"]
        findings = {each.migration.app: judge(each, project.folder) for each in history.rehearse(chosen)}
    server.drop(database)
    return [JudgedCase(case, findings[case.app]) for case in cases]
