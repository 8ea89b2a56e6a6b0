"""The probe "old code": the release that users still have, on the schema that the phase brings."""

from __future__ import annotations

from pathlib import Path

import msgspec

from harness.databases import Server
from harness.operations import Operation
from harness.rollout import Phase
from tests.harness.migrations.guild import OPERATIONS, measure, value, world

NULLABLE = 'migrations.AddField("person", "email", models.CharField(max_length=50, null=True))'
REQUIRED = 'migrations.AddField("person", "email", models.CharField(max_length=50, default=""))'


def test_an_old_release_that_works_on_the_new_schema_says_so(tmp_path: Path, server: Server) -> None:
    with world(tmp_path, NULLABLE, server) as made:
        evidence = measure(made, "old code")
    assert (evidence.outcome, evidence.findings) == ("measured", [])
    assert evidence.summary == "old release: 2 operations work on the new schema"
    assert (value(evidence, "operations"), value(evidence, "failures")) == (2, 0)
    assert value(evidence, "tries") > 10


def test_an_operation_that_fails_and_the_column_at_fault_are_named(tmp_path: Path, server: Server) -> None:
    with world(tmp_path, REQUIRED, server) as made:
        evidence = measure(made, "old code")
    found = {finding.code: finding for finding in evidence.findings}
    assert set(found) == {"old-code-operation-fails", "old-code-cannot-insert"}
    assert found["old-code-operation-fails"].about == "join"
    assert "answers 500 (IntegrityError at old/guild/urls.py:17" in found["old-code-operation-fails"].why
    assert "column email" in found["old-code-operation-fails"].why
    assert found["old-code-cannot-insert"].about == "guild_person.email"
    assert value(evidence, "failures") == 2
    assert "1 fail: join" in evidence.summary


def test_a_read_that_answers_something_else_is_named(tmp_path: Path, server: Server) -> None:
    with world(tmp_path, "migrations.RunSQL('UPDATE guild_person SET level = level + 1', '')", server) as made:
        evidence = measure(made, "old code")
    [finding] = evidence.findings
    assert (finding.code, finding.about, finding.severity) == ("old-code-answers-differently", "list people", "medium")
    assert (value(evidence, "failures"), value(evidence, "different answers")) == (0, 1)


def test_an_operation_that_never_worked_makes_the_evidence_an_error(tmp_path: Path, server: Server) -> None:
    broken = Operation(name="leave", request="POST /leave/", actor="anybody", expect=[204])
    unbound = Operation(name="promote", request="POST /promote/{person}/", actor="anybody", expect=[204])
    with world(tmp_path, NULLABLE, server, catalog=[*OPERATIONS, broken, unbound]) as made:
        evidence = measure(made, "old code")
    assert evidence.outcome == "error"
    assert "'leave' answers 404 in release 'old' instead of 204 already before the phase" in evidence.reason
    assert "promote" in evidence.reason
    assert value(evidence, "failures") == 0


def test_only_operations_of_the_old_release_are_tried(tmp_path: Path, server: Server) -> None:
    new = msgspec.structs.replace(OPERATIONS[1], name="join twice", releases=["new"])
    with world(tmp_path, NULLABLE, server, catalog=[*OPERATIONS, new]) as made:
        assert value(measure(made, "old code"), "operations") == 2


def test_the_old_release_is_the_one_that_served_in_the_phase_before(tmp_path: Path, server: Server) -> None:
    with world(tmp_path, NULLABLE, server) as made:
        assert made.served.name == "old"
        earlier = Phase(number=1, name="one", serves="new")
        made.rollout = msgspec.structs.replace(made.rollout, phase=[earlier, *made.rollout.phase])
        assert made.served.name == "new"
