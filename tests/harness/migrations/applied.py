"""Carries out the safe forms that findings carry, as a developer would who pastes them, and rehearses the result."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.databases import Server
from harness.evidence import Finding
from harness.probes.migrations.facts import read
from tests.harness.migrations.cases import Case
from tests.harness.migrations.judged import JudgedCase
from tests.harness.migrations.scratch import Project, findings

_NEXT, _LATER = "# the next migration", "# the phase after"


@dataclass
class Part:
    """One migration of a safe form."""

    operations: str
    more: str = ""
    atomic: bool = True


@dataclass
class Applied:
    """A finding of a case, and the codes that are found about the safe form instead."""

    case: Case
    finding: Finding
    found: set[str]


def parts(finding: Finding) -> list[Part]:
    """Return the migrations of a safe form, none where it leaves a "..." to its author or all to a later phase."""
    tree = ast.parse(finding.example)
    if any(isinstance(each, ast.Constant) and each.value is Ellipsis for each in ast.walk(tree)):
        return []
    now = finding.example.split(_LATER)[0]
    return [part for text in now.split(_NEXT) if (part := _part(ast.parse(text))).operations]


def _part(tree: ast.Module) -> Part:
    part = Part("", more="\n".join(ast.unparse(each) for each in tree.body if isinstance(each, ast.FunctionDef)))
    bare = [each.value for each in tree.body if isinstance(each, ast.Expr)]
    for each in tree.body:
        if isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == "atomic":
            part.atomic = False
        elif isinstance(each, ast.Assign) and isinstance(each.value, ast.List):
            bare += each.value.elts
    part.operations = ", ".join(map(ast.unparse, bare))
    return part


def apply(server: Server, folder: Path, judged: Sequence[JudgedCase]) -> list[Applied]:
    """Rehearse every safe form; those of one case one after the other, since they name its tables."""
    work = [list(_forms(each)) for each in judged]
    found: list[Applied] = []
    for turn in range(max(map(len, work))):
        found += _rehearse(server, Project(folder / str(turn)), [each[turn] for each in work if len(each) > turn])
    return found


def _forms(judged: JudgedCase) -> Iterator[tuple[Case, Finding]]:
    """Yield the findings of a case with a safe form that can be carried out, each form once."""
    forms = {each.example: each for each in judged.findings if each.example and parts(each)}
    yield from ((judged.case, each) for each in forms.values())


def _rehearse(server: Server, project: Project, work: Sequence[tuple[Case, Finding]]) -> list[Applied]:
    for case, finding in work:
        _write(project, case, finding)
    database = server.create("applied")
    with project.agent(database) as agent:
        agent.call("migrate", targets=[f"{case.app}.0001" for case, _ in work])
        rehearsal = read(agent.call("observe", targets=[case.app for case, _ in work], old_code=True))
    server.drop(database)
    found = findings(rehearsal, project.folder)
    return [
        Applied(case, finding, {each.code for each in found if each.about.startswith(f"{case.app}.")})
        for case, finding in work
    ]


def _write(project: Project, case: Case, finding: Finding) -> None:
    """Put the safe form in the place of the operation that was found."""
    project.app(case.app, more=case.prepare.format(app=case.app))
    place = re.search(r"\[(\d+)\]", finding.about)
    index = int(place[1]) if place else 0
    source = ast.parse(f"[{case.operations.format(app=case.app)}]", mode="eval").body
    assert isinstance(source, ast.List)
    operations = [ast.unparse(each) for each in source.elts]
    more = case.after.format(app=case.app)
    around = [Part(", ".join(each), more, case.atomic) for each in (operations[:index], operations[index + 1 :])]
    for number, part in enumerate([around[0], *parts(finding), around[1]]):
        if part.operations:
            project.migration(case.app, f"{number + 2:04}", part.operations, more=part.more, atomic=part.atomic)
