"""Carries out the safe forms that findings carry, as a developer would who pastes them, and rehearses the result."""

from __future__ import annotations

import ast
import re
from collections import Counter
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
    """A case with a safe form, the codes that the form is for, and those that are found about it instead."""

    case: Case
    codes: set[str]
    found: set[str]


@dataclass
class Form:
    """A safe form of a case: one finding that carries it, and the codes of all that do."""

    case: Case
    finding: Finding
    codes: set[str]


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


def _forms(judged: JudgedCase) -> Iterator[Form]:
    """Yield the safe forms of a case that can be carried out, each once."""
    by_form: dict[str, list[Finding]] = {}
    for each in judged.findings:
        if each.example and parts(each):
            by_form.setdefault(each.example, []).append(each)
    for alike in by_form.values():
        yield Form(judged.case, alike[0], {each.code for each in alike})


def _rehearse(server: Server, project: Project, forms: Sequence[Form]) -> list[Applied]:
    written = {form.case.app: _write(project, form) for form in forms}
    database = server.create("applied")
    with project.agent(database) as agent:
        agent.call("migrate", targets=[f"{app}.0001" for app in written])
        rehearsal = read(agent.call("observe", targets=list(written), old_code=True))
    server.drop(database)
    # What was not rehearsed has no hazards either.
    assert Counter(each.app for each in rehearsal.migrations) == written
    assert all(step.facts for each in rehearsal.migrations for step in each.operations)
    found = findings(rehearsal, project.folder)
    return [
        Applied(form.case, form.codes, {each.code for each in found if each.about.startswith(f"{form.case.app}.")})
        for form in forms
    ]


def _write(project: Project, form: Form) -> int:
    """Put the safe form in the place of the operation that was found; returns how many migrations that makes."""
    case, finding = form.case, form.finding
    project.app(case.app, more=case.prepare.format(app=case.app))
    place = re.search(r"\[(\d+)\]", finding.about)
    index = int(place[1]) if place else 0
    source = ast.parse(f"[{case.operations.format(app=case.app)}]", mode="eval").body
    assert isinstance(source, ast.List)
    operations = [ast.unparse(each) for each in source.elts]
    more = case.after.format(app=case.app)
    around = [Part(", ".join(each), more, case.atomic) for each in (operations[:index], operations[index + 1 :])]
    whole = [part for part in (around[0], *parts(finding), around[1]) if part.operations]
    for number, part in enumerate(whole):
        project.migration(case.app, f"{number + 2:04}", part.operations, more=part.more, atomic=part.atomic)
    return len(whole)
