"""A project in a temporary folder and the command line on it."""

from __future__ import annotations

import pytest

from harness.cli import main
from tests.harness.cli.scripted import FINE, make_project, replace_registry


@pytest.fixture
def project(tmp_path, monkeypatch):
    folder = make_project(tmp_path / "project")
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def run(project, monkeypatch, capsys):
    """Run the command line with scripted probes; returns exit code, output and errors."""

    def run(*arguments, **probes):
        replace_registry(monkeypatch, {**FINE, **{name.replace("_", " "): probe for name, probe in probes.items()}})
        try:
            code = main([str(each) for each in arguments])
        except SystemExit as end:
            code = end.code
        out, err = capsys.readouterr()
        return code, out, err

    return run
