"""The phase's migrations while users work."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from harness.cli import main
from harness.cli.gate import _under_load
from harness.evidence import Evidence
from harness.probes.load.under_load import Migration, evidence_of
from harness.rollout import Phase
from tests.harness.load.locking import write_locking
from tests.harness.load.test_figures import results

BEGAN = 1000.0


def migration(began: float, ended: float, failed: str = "") -> Migration:
    """Return what is known of a migration that ran so many seconds after the load began."""
    found = Migration.__new__(Migration)
    found.failed = failed
    found.ended = BEGAN + ended
    found.timed = [
        {"migration": "core.0002", "operation": "Add field", "began": BEGAN + began, "ended": BEGAN + ended},
    ]
    return found


def judged(milliseconds: list[float], *, began: float = 4.0, ended: float = 6.0, **more: Any) -> Evidence:
    failed = more.pop("failed", "")
    return evidence_of(results(milliseconds, began=BEGAN, **more), migration(began, ended, failed), least=10)


def value(evidence: Evidence, name: str) -> float:
    return evidence.select(name)[0].value


def test_the_longest_stall_is_that_of_a_request_that_met_a_migration() -> None:
    times = [10.0] * 100
    times[5], times[45] = 900.0, 700.0

    evidence = judged(times)

    assert evidence.unsound == []
    assert value(evidence, "longest stall") == pytest.approx(700)
    assert value(evidence, "p99 before") == pytest.approx(10, abs=900)
    assert value(evidence, "requests") == pytest.approx(21, abs=1)
    assert evidence.select("operation p99")[0].about == "core.0002 1: Add field"
    assert value(evidence, "seconds") == pytest.approx(2)


def test_errors_of_users_and_a_migration_that_fails_are_findings() -> None:
    evidence = judged([10.0] * 100, status=500, ok=0, failed="deadlock detected")

    assert [each.code for each in evidence.findings] == ["migration-failed", "error-during-migration"]
    assert "deadlock detected" in evidence.findings[0].why
    assert value(evidence, "errors") == 100


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        (judged([10.0] * 100, ended=11.0), "the migrations went on when the load was over"),
        (judged([10.0] * 100, began=4.0, ended=4.05), "only 1 requests met a migration"),
        (judged([10.0] * 5), "only 5 requests were measured"),
        (judged([5000.0] * 100), "the release was overloaded anyway"),
        (judged([10.0] * 100, machine=0.95), "the machine was 95 % busy"),
        (judged([10.0] * 100, stopped="nothing answers"), "it was ended early: nothing answers"),
        (judged([10.0] * 100, ended=-BEGAN), "the load ended before the migrations began"),
    ],
)
def test_what_cannot_be_believed_is_said(evidence: Evidence, reason: str) -> None:
    assert any(reason in each for each in evidence.unsound)


def test_the_gate_adds_the_probe_to_a_phase_that_does_not_list_it() -> None:
    phase = Phase(number=1, name="One", serves="old")

    added = _under_load(phase)

    assert added.probes == ["migrations under load"]
    assert [each.measure for each in added.probe[0].criteria] == ["errors", "longest stall"]
    assert _under_load(added) == added


class Blocked:
    """An agent whose migration takes a while, or fails."""

    def call(self, procedure: str, **arguments: Any) -> list[dict[str, Any]]:
        """Note the time."""
        now = time.time()
        return [{"migration": "a.0001", "operation": procedure, "began": now, "ended": now}]


def test_the_migration_starts_once_when_the_load_is_steady() -> None:
    started = Migration(Blocked(), ["a"], after=3.0)  # type: ignore[arg-type]

    started.start_after(2.0)
    started.wait()
    assert started.ended == 0

    started.start_after(3.0)
    started.start_after(4.0)
    started.wait()
    assert [each["operation"] for each in started.timed] == ["migrate_timed"]


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.postgres
def test_a_migration_that_locks_out_users_is_seen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_locking(tmp_path)

    assert main(["probe", "migrations under load", "--project", str(tmp_path), "--format", "json"]) == 0

    evidence = msgspec.json.decode(capsys.readouterr().out, type=Evidence)
    assert evidence.outcome == "measured", evidence.reason
    assert value(evidence, "longest stall") >= 1200
    assert value(evidence, "errors") == 0
