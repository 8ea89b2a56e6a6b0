"""The probe "development": what has a history is measured, and what has none is left out and named."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest

from harness.errors import ProbeError
from harness.evidence import Evidence, Finding, Measurement
from tests.harness.quality.conftest import Project, value

FINDING = Finding(code="slow", severity="low", about="a list", why="it is slow")


def number(name: str, value: float) -> Measurement:
    """Build a measurement."""
    return Measurement(name=name, value=value)


def suite(passed: int, failed: int = 0, *findings: Finding) -> Evidence:
    """Build evidence of a suite."""
    measured = [number("passed", passed), number("failed", failed), number("errors", 0)]
    return Evidence(probe="tests", outcome="measured", measurements=measured, findings=list(findings))


def remember(project: Project, hour: int, forward: str, *evidence: Evidence, phase: int = 1, minutes: int = 6) -> Path:
    """Leave a run of that hour."""
    folder = project.run.folder.parent / f"run-{hour}-phase-{phase}"
    folder.mkdir()
    lines = b"".join(msgspec.json.encode(each) + b"\n" for each in evidence)
    (folder / "evidence.jsonl").write_bytes(lines)
    times = {"started": f"2026-05-04T{hour:02}:00:00+00:00", "finished": f"2026-05-04T{hour:02}:{minutes:02}:00+00:00"}
    verdict = {"schema": 1, "phase": phase, "forward": forward, "provenance": times}
    (folder / "verdict.json").write_bytes(msgspec.json.encode(verdict))
    return folder


def measure(project: Project, **options: Any) -> Evidence:
    """Run the probe."""
    return project.measure("development", **options)


def commit(project: Project, name: str, day: str) -> None:
    """Write a file and commit it on that day."""
    project.write(name, day)
    environment = {**os.environ, "GIT_AUTHOR_DATE": f"{day}T12:00:00", "GIT_COMMITTER_DATE": f"{day}T12:00:00"}
    identity = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.org"]
    for command in (["add", name], [*identity, "commit", "--quiet", "-m", name]):
        subprocess.run(["git", *command], cwd=project.folder, env=environment, check=True)


@pytest.fixture
def repository(project: Project) -> Project:
    """A project under version control."""
    subprocess.run(["git", "init", "--quiet"], cwd=project.folder, check=True)
    commit(project, "code/a.py", "2026-05-01")
    commit(project, "code/b.py", "2026-05-01")
    commit(project, "code/a.py", "2026-05-04")
    commit(project, "docs/a.md", "2026-05-09")
    return project


def test_without_a_history_nothing_but_the_number_of_runs_is_measured(project: Project) -> None:
    evidence = measure(project)

    assert evidence.measurements == [number("runs", 0)]
    missing = {row[0]: row[1] for row in evidence.details["tables"][0]["rows"]}
    assert missing["test failure rate"] == "no earlier run measured tests"
    assert missing["commits"] == "the rollout file does not lie in a git repository"
    assert "no history for: duration of a run" in evidence.summary


def test_a_phase_is_as_fast_as_its_runs_until_the_first_go(project: Project) -> None:
    remember(project, 8, "HOLD", suite(9), minutes=10)
    remember(project, 10, "NO-GO", suite(9), minutes=20)
    remember(project, 11, "GO", suite(9), minutes=30)
    remember(project, 12, "GO", suite(9), minutes=40)
    remember(project, 13, "NO-GO", suite(9), phase=2)

    evidence = measure(project)

    assert value(evidence, "runs") == 5
    assert value(evidence, "runs", "phase 1") == 4
    assert value(evidence, "duration of a run", "phase 1") == 1500
    assert value(evidence, "runs until GO", "phase 1") == 3
    assert value(evidence, "time until GO", "phase 1") == 3.5
    assert [each.about for each in evidence.select("time until GO")] == ["phase 1"]


def test_the_failure_rate_counts_only_runs_whose_tests_were_measured(project: Project) -> None:
    remember(project, 8, "NO-GO", suite(90, 10))
    remember(project, 9, "HOLD", Evidence(probe="tests", outcome="error", reason="no python"))
    remember(project, 10, "GO", suite(100))

    evidence = measure(project)

    assert value(evidence, "test failure rate") == 5
    assert value(evidence, "runs with failing tests") == 50


def test_findings_that_come_and_go_are_counted_from_run_to_run_of_a_phase(project: Project) -> None:
    other = msgspec.structs.replace(FINDING, about="another list")
    remember(project, 8, "NO-GO", suite(9, 0, FINDING))
    remember(project, 9, "NO-GO", suite(9, 0, FINDING, other))
    remember(project, 10, "GO", suite(9))
    remember(project, 11, "NO-GO", suite(9, 0, FINDING), phase=2)

    evidence = measure(project)

    assert [(each.value, each.about) for each in evidence.select("findings opened")] == [(1, "phase 1")]
    assert [(each.value, each.about) for each in evidence.select("findings closed")] == [(2, "phase 1")]


def test_a_probe_that_broke_off_has_closed_no_finding(project: Project) -> None:
    remember(project, 8, "NO-GO", suite(9, 0, FINDING))
    remember(project, 9, "HOLD", Evidence(probe="tests", outcome="error", reason="no python"))

    assert value(measure(project), "findings closed", "phase 1") == 0


def test_the_documentation_has_a_trend_after_two_runs(project: Project) -> None:
    for hour, share in ((8, 80.0), (9, 70.0), (10, 92.5)):
        documented = Evidence(probe="documentation", outcome="measured", measurements=[number("documented", share)])
        remember(project, hour, "GO", documented)

    assert value(measure(project), "documentation trend") == 12.5


def test_the_present_run_and_one_that_was_broken_off_do_not_count(project: Project) -> None:
    remember(project, 8, "GO", suite(9))
    (remember(project, 9, "GO", suite(9)) / "verdict.json").unlink()
    (project.run.folder.parent / "latest").symlink_to("run-8-phase-1")

    assert value(measure(project), "runs") == 1


@pytest.mark.parametrize("name", ["verdict.json", "evidence.jsonl"])
def test_a_run_that_cannot_be_read_is_an_error(project: Project, name: str) -> None:
    (remember(project, 8, "GO", suite(9)) / name).write_text("{", encoding="utf-8")

    with pytest.raises(ProbeError, match="run-8-phase-1 cannot be read"):
        measure(project)


def test_the_runs_may_lie_elsewhere(project: Project) -> None:
    remember(project, 8, "GO", suite(9))

    assert value(measure(project, runs="../runs"), "runs") == 1
    assert value(measure(project, runs="none"), "runs") == 0


def test_commits_are_counted_by_what_a_phase_says_that_it_changes(repository: Project) -> None:
    evidence = measure(repository, work={"1": ["code"]})

    assert [value(evidence, name, "phase 1") for name in ("commits", "days with commits", "elapsed days")] == [3, 2, 4]


def test_without_that_word_commits_are_not_counted(repository: Project) -> None:
    evidence = measure(repository)

    assert evidence.select("commits") == []
    assert ["commits", "'work' does not say which files a phase changes"] in evidence.details["tables"][0]["rows"]


def test_a_history_that_is_cut_off_is_not_counted(repository: Project, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    source = f"file://{repository.folder}"
    subprocess.run(["git", "clone", "--quiet", "--depth=1", source, str(clone)], check=True, capture_output=True)
    (clone / "rollout.toml").write_text((repository.folder / "rollout.toml").read_text(), encoding="utf-8")
    repository.folder = clone

    evidence = measure(repository, work={"1": ["docs"]})

    assert evidence.select("commits") == []
    assert "shallow" in evidence.details["tables"][0]["rows"][-1][1]


def test_work_of_a_file_that_was_removed_counts_and_of_one_that_never_was_is_an_error(repository: Project) -> None:
    (repository.folder / "code/b.py").unlink()

    assert value(measure(repository, work={"1": ["code/b.py"]}), "commits", "phase 1") == 1
    with pytest.raises(ProbeError, match=r"'code/c\.py', which does not exist and never did"):
        measure(repository, work={"1": ["code/c.py"]})


def test_work_of_a_phase_that_does_not_exist_is_an_error(repository: Project) -> None:
    with pytest.raises(ProbeError, match="names phase 7; the rollout has 1"):
        measure(repository, work={"7": ["code"]})
