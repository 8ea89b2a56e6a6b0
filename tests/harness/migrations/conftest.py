"""The corpus, rehearsed once for the whole session, and an empty project for everything else."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.cli import main
from harness.databases import Server
from harness.probes.migrations.facts import Rehearsal, read
from tests.harness.migrations.cases import CASES
from tests.harness.migrations.scratch import Project, Run, url_of

REFUSED = "remove not null field"


@dataclass
class Corpus:
    """All cases, forward in one plan; backward in one plan too, but for the case whose reverse is refused."""

    folder: Path
    forward: Rehearsal
    backward: Rehearsal
    refused: Rehearsal


@pytest.fixture(scope="session")
def corpus(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Every case of the corpus, rehearsed in both directions."""
    project = Project(tmp_path_factory.mktemp("corpus"))
    for case in CASES:
        project.case(case)
    database = server.create("corpus")
    with project.agent(database) as agent:
        agent.call("migrate", targets=[f"{case.app}.0001" for case in CASES])
        forward = read(agent.call("observe", targets=[f"{case.app}.0002" for case in CASES], old_code=True))
        keys = {case.name: [case.app, "0002_case"] for case in CASES}
        refused = read(agent.call("observe", unapply=[keys.pop(REFUSED)]))
        backward = read(agent.call("observe", unapply=list(keys.values())))
    server.drop(database)
    return Corpus(project.folder, forward, backward, refused)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project without apps."""
    return Project(tmp_path)


@pytest.fixture
def run(project: Project, server: Server, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command on the project, on a server that is there already; returns exit code, output and errors."""
    url = url_of(server.create("maintenance"))

    def run(*arguments: str, database: str = url) -> tuple[int, str, str]:
        named = ["--project", str(project.folder), "--settings", "scratch_settings", "--python", sys.executable]
        code = main(["migrations", *named, "--database", database, *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return run
