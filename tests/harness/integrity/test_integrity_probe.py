"""One phase with several mistakes, each in a migration of its own: the probe finds all and names who did it."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from harness.databases import Server
from harness.errors import ProbeError
from harness.evidence import Evidence, Finding
from harness.probes.integrity import Integrity
from harness.probes.world import World
from tests.harness.integrity.library import MODELS, open_library

RESET = {"postgresql": "SELECT setval('library_desk_id_seq', 2)", "sqlite": "SELECT 1"}  # SQLite has nothing to reset


def mistakes(engine: str) -> dict[str, str]:
    return {
        "0002_harmless": "migrations.AddField('book', 'pages', models.IntegerField(null=True))",
        "0003_corrupt": "migrations.RunSQL(\"UPDATE library_book SET title = 'TITLE 7' WHERE id = 7\")",
        "0004_rename": "migrations.RenameField('reader', 'name', 'full_name')",
        "0005_drop": "migrations.RemoveField('book', 'note')",
        "0006_meant": "migrations.RunSQL('UPDATE library_book SET shelf = shelf + 1')",
        "0007_delete": "migrations.RunSQL('DELETE FROM library_reader WHERE id IN (5, 6)')",
        "0008_reset": f'migrations.RunSQL("{RESET[engine]}")',
        "0009_late": "migrations.RunSQL(\"UPDATE library_book SET title = 'x' WHERE id = 8\")",
    }


def measure(world: World) -> Evidence:
    probe = Integrity()
    return probe.measure(world, probe.read_options(world.phase.entry("integrity").options, "here"))


@pytest.fixture(scope="module")
def evidence(each_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evidence]:
    options = {"integrity": {"changes": ["library_book.shelf", "library_desk.place"]}}
    folder = tmp_path_factory.mktemp("mistakes")
    with open_library(folder, each_server, mistakes(each_server.engine), options=options) as world:
        yield measure(world)


def finding(evidence: Evidence, about: str) -> Finding:
    (found,) = [each for each in evidence.findings if each.about == about]
    return found


def test_an_altered_row_is_named_with_its_migration(evidence: Evidence) -> None:
    found = finding(evidence, "library_book.title")
    assert (found.code, found.severity, found.side) == ("content-changed", "high", "forward")
    assert "primary keys 7, 8" in found.why
    assert "library.0003_corrupt" in found.why
    assert found.file == "new/library/migrations/0003_corrupt.py"
    assert "TITLE" not in found.why


@pytest.mark.parametrize(
    ("about", "code", "migration"),
    [
        ("library_book.note", "content-dropped", "library.0005_drop"),
        ("library_reader", "content-changed", "library.0007_delete"),
    ],
)
def test_lost_content_is_named_with_its_migration(evidence: Evidence, about: str, code: str, migration: str) -> None:
    found = finding(evidence, about)
    assert found.code == code
    assert migration in found.why


def test_a_sequence_that_a_migration_resets_is_named(evidence: Evidence, each_server: Server) -> None:
    found = [
        (each.about, "library.0008_reset" in each.why) for each in evidence.findings if each.code == "sequence-reset"
    ]
    assert found == ([("library_desk.id", True)] if each_server.engine == "postgresql" else [])


def test_declared_changes_are_counted_apart(evidence: Evidence) -> None:
    assert [each.value for each in evidence.select("intended changes")] == [300]
    assert "library_book.shelf" not in {each.about for each in evidence.findings}


def test_a_declared_change_that_did_not_happen_is_reported(evidence: Evidence) -> None:
    found = finding(evidence, "library_desk.place")
    assert (found.code, found.severity) == ("declared-change-missing", "low")


def test_differences_are_measured_per_subject(evidence: Evidence, each_server: Server) -> None:
    differences = {each.about: each.value for each in evidence.select("differences")}
    assert differences.pop("library_desk.id", None) == (1 if each_server.engine == "postgresql" else None)
    assert differences == {"library_book.title": 2, "library_book.note": 300, "library_reader": 2}


def test_a_renamed_column_is_told_and_is_no_difference(evidence: Evidence) -> None:
    table = next(each for each in evidence.details["tables"] if "new name" in each["title"])
    assert table["rows"] == [["library_reader.name", "library_reader.full_name"]]


def test_values_are_shown_to_whoever_asks_and_stay_out_of_the_evidence(each_server: Server, tmp_path: Path) -> None:
    seen: list[str] = []
    with open_library(tmp_path, each_server, mistakes(each_server.engine)) as world:
        world.show = seen.append
        evidence = measure(world)
    assert "library_book.title, id 7: 'title 7' -> 'TITLE 7'" in seen
    assert "TITLE" not in msgspec.json.encode(evidence).decode()


def test_a_harmless_phase_has_no_differences(each_server: Server, tmp_path: Path) -> None:
    with open_library(tmp_path, each_server, {"0002_more": mistakes("sqlite")["0002_harmless"]}) as world:
        evidence = measure(world)
    assert evidence.findings == []
    assert [(each.value, each.about) for each in evidence.select("differences")] == [(0, "")]
    assert evidence.summary.endswith(" 0 differences")
    assert evidence.select("rows")[0].value > 600


def test_an_empty_database_proves_nothing(sqlite: Server, tmp_path: Path) -> None:
    with open_library(tmp_path, sqlite, {}, models=MODELS) as world:
        world._before = sqlite.create("empty")
        with pytest.raises(ProbeError, match="has no tables"):
            measure(world)
