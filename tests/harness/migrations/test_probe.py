"""The probe "migrations" on a real phase: evidence, facts, and what is not measured when something fails."""

from __future__ import annotations

import json
from pathlib import Path

from harness.databases import Server, provision
from tests.harness.migrations.guild import measure, value, world

NULLABLE = 'migrations.AddField("person", "email", models.CharField(max_length=50, null=True))'
INDEX = 'migrations.AddIndex("person", models.Index(fields=["name"], name="person_name"))'
REQUIRED = 'migrations.AddField("person", "email", models.CharField(max_length=50, default=""))'


def test_a_harmless_phase_has_facts_and_no_finding(tmp_path: Path, server: Server) -> None:
    with world(tmp_path, NULLABLE, server) as made:
        evidence = measure(made, "migrations")
        facts = json.loads((made.run.folder / evidence.artifacts[0].path).read_text())
    assert (evidence.outcome, evidence.findings) == ("measured", [])
    assert value(evidence, "operations") == value(evidence, "migrations") == 1
    assert value(evidence, "blocking operations") == value(evidence, "irreversible operations") == 0
    assert 0 < value(evidence, "longest block") < 5000
    assert 0 < value(evidence, "overhead") < 20
    assert evidence.summary.startswith("1 migration, 1 operation, none blocks longer than ")
    [operation] = facts
    assert operation["forward"]["locks"] == operation["backward"]["locks"] == {"guild_person": "AccessExclusive"}
    assert operation["old_code"] == {"read": True, "insert": True, "update": True, "reasons": []}
    assert operation["file"] == "new/guild/migrations/0002_second.py"


def test_an_index_that_blocks_writers_is_named_with_its_safe_form(tmp_path: Path, server: Server) -> None:
    with world(tmp_path, INDEX, server) as made:
        evidence = measure(made, "migrations")
        hazards = json.loads((made.run.folder / evidence.artifacts[0].path).read_text())[0]["hazards"]
    [finding] = evidence.findings
    assert (finding.code, finding.severity) == ("index-build-blocks-writes", "high")
    assert finding.about == "guild.0002_second[0] Create index person_name on field(s) name of model person"
    assert (finding.file, finding.line) == ("new/guild/migrations/0002_second.py", 8)
    assert "500 rows" in finding.why
    assert "AddIndexConcurrently" in finding.remedy
    assert value(evidence, "blocking operations") == 1
    assert "1 finding on work that blocks" in evidence.summary
    assert [each["about"] for each in hazards] == ["forward"]


def test_a_column_that_old_code_cannot_fill_is_named(tmp_path: Path, server: Server) -> None:
    with world(tmp_path, REQUIRED, server) as made:
        [finding] = measure(made, "migrations").findings
        assert measure(made, "migrations", old_code=False).findings == []
    assert (finding.code, finding.side) == ("old-code-cannot-insert", "forward")
    assert "column email of guild_person" in finding.why
    assert "db_default" in finding.remedy


def test_a_migration_that_fails_leaves_nothing_measured_that_could_pass(tmp_path: Path, server: Server) -> None:
    with world(tmp_path, f"{NULLABLE}, migrations.RunSQL('SELECT 1 / 0')", server) as made:
        evidence = measure(made, "migrations")
    codes = {finding.code: finding for finding in evidence.findings}
    assert set(codes) == {"migration-fails", "irreversible"}
    assert "left nothing behind" in codes["migration-fails"].why
    assert evidence.select("longest block") == evidence.select("overhead") == []
    assert value(evidence, "failures") == 1
    assert "guild.0002_second fails: DataError" in evidence.summary


def test_a_migration_without_reverse_is_counted_and_its_later_ones_go_back(tmp_path: Path, server: Server) -> None:
    with world(tmp_path, "migrations.RunSQL('SELECT 1')", server) as made:
        evidence = measure(made, "migrations")
        [operation] = json.loads((made.run.folder / evidence.artifacts[0].path).read_text())
    [finding] = evidence.findings
    assert (finding.code, finding.side, finding.severity) == ("irreversible", "way back", "high")
    assert value(evidence, "irreversible operations") == 1
    assert operation["backward"] == {"irreversible": "RunSQL has no reverse"}


def test_a_reverse_that_fails_counts_as_none(tmp_path: Path, server: Server) -> None:
    with world(tmp_path, 'migrations.RemoveField("person", "name")', server) as made:
        evidence = measure(made, "migrations", old_code=False)
        [operation] = json.loads((made.run.folder / evidence.artifacts[0].path).read_text())
    assert {finding.code for finding in evidence.findings} == {"backward-fails"}
    assert value(evidence, "irreversible operations") == 1
    assert "null values" in operation["backward"]["irreversible"]


def test_sqlite_gives_no_evidence_about_locks(tmp_path: Path) -> None:
    with provision("sqlite") as files, world(tmp_path, INDEX, files) as made:
        evidence = measure(made, "migrations")
    assert evidence.summary == "1 migration, 1 operation; sqlite does not tell what it locks"
    assert evidence.select("longest block") == evidence.select("blocking operations") == []
    assert value(evidence, "operations") == 1


def test_a_phase_without_migrations_is_skipped(tmp_path: Path, server: Server) -> None:
    with world(tmp_path, "", server) as made:
        assert measure(made, "migrations").reason == "phase 2 has no migrations"


def test_a_hazard_that_the_file_accepts_counts_no_longer_and_is_shown(tmp_path: Path, server: Server) -> None:
    accepts = '# harness: accept index-build-blocks-writes until=2999-12-31 reason="a small table"'
    with world(tmp_path, f"{accepts}\n        {INDEX}", server) as made:
        evidence = measure(made, "migrations", old_code=False)
        [operation] = json.loads((made.run.folder / evidence.artifacts[0].path).read_text())
    assert evidence.findings == []
    assert value(evidence, "blocking operations") == 0
    [hazard] = operation["hazards"]
    assert hazard["accepted"] == {"until": "2999-12-31", "reason": "a small table"}
    assert evidence.details["tables"][1]["rows"][0][0] == "index-build-blocks-writes"
