"""The folder of a run, and where a run came from."""

from __future__ import annotations

import pytest

from harness.errors import UsageError
from harness.provenance import describe, redact
from harness.runs import Run
from tests.harness.gate.cases import measured, number, phase, rollout


def test_two_runs_of_the_same_second_get_two_folders(tmp_path):
    first, second = Run.create(tmp_path, 3), Run.create(tmp_path, 3)
    assert first.folder != second.folder
    assert (second.folder / "logs").is_dir()


def test_evidence_is_read_back_as_it_was_written(tmp_path):
    run = Run.create(tmp_path, 3)
    evidence = [measured("a", [number()]), measured("b", [number(value=0.1)])]
    for each in evidence:
        run.append(each)
    assert list(Run.find(tmp_path, run.folder.name).evidence()) == evidence


def test_latest_is_the_run_that_was_published_last(tmp_path):
    for _ in range(2):
        run = Run.create(tmp_path, 3)
        run.append(measured())
        run.publish()
    assert Run.find(tmp_path).folder == run.folder
    assert [path.name for path in tmp_path.iterdir() if path.is_symlink()] == ["latest"]


def test_a_run_can_be_named_by_its_folder_and_a_missing_one_is_one_sentence(tmp_path):
    run = Run.create(tmp_path, 3)
    run.append(measured())
    assert Run.find(tmp_path / "elsewhere", str(run.folder)).folder == run.folder
    with pytest.raises(UsageError, match="There is no run 'nothing'"):
        Run.find(tmp_path, "nothing")


def test_a_broken_line_of_evidence_is_named(tmp_path):
    run = Run.create(tmp_path, 3)
    run.append(measured())
    with (run.folder / "evidence.jsonl").open("a") as file:
        file.write('{"probe": "cut o')
    with pytest.raises(UsageError, match="line 2"):
        list(run.evidence())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgresql://me:secret@host/db", "postgresql://me:***@host/db"),
        ("postgresql://me:s:e/c@host/db and more", "postgresql://me:***@host/db and more"),
        ("postgresql://me@host/db", "postgresql://me@host/db"),
        ("GET http://127.0.0.1:8000/", "GET http://127.0.0.1:8000/"),
    ],
)
def test_passwords_of_urls_are_redacted(text, expected):
    assert redact(text) == expected


def test_without_git_a_run_has_no_commit_and_is_described_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    origin = describe(rollout(phase()), ["harness", "gate", "3"], quick=False)
    assert (origin.commit, origin.dirty, origin.command) == ("", False, "harness gate 3")
    assert origin.machine["cpu"]
