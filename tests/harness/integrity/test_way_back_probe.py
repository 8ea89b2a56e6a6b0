"""One phase whose reverses lose things in different ways: the drill finds each and names the migration."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from harness.databases import Database, Server
from harness.errors import ProbeError
from harness.evidence import Evidence, Finding
from harness.operations import Catalog, Operation
from harness.probes.way_back import WayBack
from harness.probes.way_back.operations import Tried, try_operations
from harness.probes.world import World
from tests.harness.integrity.conftest import run
from tests.harness.integrity.library import MODELS, open_library

pytestmark = pytest.mark.slow

RESET = {"postgresql": "SELECT setval('library_desk_id_seq', 2)", "sqlite": "SELECT 1"}  # SQLite has nothing to reset
CODE = "with the code of release 'new', which is the one that knows them"
LOSSY_MODELS = (
    MODELS.replace("title = models.CharField(max_length=50)", "title = models.TextField()")
    .replace("    note = models.CharField(max_length=50, null=True)\n", "")
    .replace("    name = models.CharField(max_length=50)", "    full_name = models.CharField(max_length=50)")
)


def lossy(engine: str) -> dict[str, str]:
    return {
        "0002_text": "migrations.AlterField('book', 'title', models.TextField())",
        "0003_drop": "migrations.RemoveField('book', 'note')",
        "0004_nulls": "migrations.RunSQL(migrations.RunSQL.noop, 'UPDATE library_reader SET card = NULL WHERE id = 9')",
        "0005_rename": "migrations.RenameField('reader', 'name', 'full_name')",
        "0006_index": "migrations.RunSQL('CREATE INDEX left_over ON library_desk (place)', migrations.RunSQL.noop)",
        "0007_row": "migrations.RunSQL(\"INSERT INTO library_desk (place) VALUES ('new')\", migrations.RunSQL.noop)",
        "0008_reset": f'migrations.RunSQL(migrations.RunSQL.noop, "{RESET[engine]}")',
    }


def measure(world: World, **options: Any) -> Evidence:
    probe = WayBack()
    return probe.measure(world, probe.read_options({"late_writes_per_model": 4, **options}, "here"))


def value(evidence: Evidence, name: str) -> dict[str, float]:
    return {each.about: each.value for each in evidence.select(name)}


def steps(evidence: Evidence) -> list[str]:
    tables = [each for each in evidence.details["tables"] if each["title"] == "How the drill went back"]
    return [what for table in tables for _, what in table["rows"]]


def finding(evidence: Evidence, code: str, about: str) -> Finding:
    (found,) = [each for each in evidence.findings if (each.code, each.about) == (code, about)]
    assert found.side == "way back"
    return found


@pytest.fixture(scope="module")
def lost(each_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Evidence]]:
    folder = tmp_path_factory.mktemp("lossy")
    with open_library(folder, each_server, lossy(each_server.engine), models=LOSSY_MODELS) as world:
        yield each_server.engine, measure(world)


def test_a_reverse_that_truncates_late_writes_is_named(lost: tuple[str, Evidence]) -> None:
    engine, evidence = lost
    if engine == "sqlite":
        assert "library_book.title" not in value(evidence, "late writes lost or altered")
        return  # SQLite does not know lengths: nothing is truncated
    found = finding(evidence, "late-write-lost", "library_book.title")
    assert "unapplying library.0002_text did it" in found.why
    assert found.file == "new/library/migrations/0002_text.py"
    assert value(evidence, "late writes lost or altered")["library_book.title"] >= 1


def test_content_that_was_dropped_going_forward_is_named(lost: tuple[str, Evidence]) -> None:
    found = finding(lost[1], "content-lost-backward", "library_book.note")
    assert "library.0003_drop did it going forward" in found.why
    assert value(lost[1], "lost or altered rows")["library_book.note"] == 150


def test_a_reverse_that_nulls_a_value_is_named(lost: tuple[str, Evidence]) -> None:
    found = finding(lost[1], "content-lost-backward", "library_reader.card")
    assert "primary keys 9" in found.why
    assert "unapplying library.0004_nulls did it" in found.why


def test_late_writes_are_followed_to_a_renamed_column(lost: tuple[str, Evidence]) -> None:
    assert not [each for each in lost[1].findings if each.about.startswith("library_reader.") and "name" in each.about]


def test_an_index_that_stays_behind_is_named(lost: tuple[str, Evidence]) -> None:
    assert finding(lost[1], "schema-left-over", "index library_desk.left_over").severity == "medium"
    assert value(lost[1], "schema left over") == {"": 1}


def test_rows_that_stay_behind_are_counted(lost: tuple[str, Evidence]) -> None:
    assert finding(lost[1], "rows-left-over", "library_desk")
    assert value(lost[1], "rows left over") == {"": 1}


def test_a_sequence_that_goes_back_is_named(lost: tuple[str, Evidence]) -> None:
    engine, evidence = lost
    found = [(each.about, "library.0008_reset" in each.why) for each in evidence.findings if "sequence" in each.why]
    assert found == ([("library_desk.id", True)] if engine == "postgresql" else [])


def test_going_forward_again_over_leftovers_breaks_off(lost: tuple[str, Evidence]) -> None:
    assert lost[1].outcome == "measured"
    assert finding(lost[1], "forward-again-refused", "library.0006_index")
    assert value(lost[1], "forward again differences") == {"library.0006_index": 1}


def test_the_backup_comes_back_whole(lost: tuple[str, Evidence]) -> None:
    assert value(lost[1], "restore differences") == {"": 0}
    assert value(lost[1], "restore seconds")[""] > 0


PAGES = "migrations.AddField('book', 'pages', models.IntegerField(null=True, default=1))"
HARMLESS = {
    "0002_pages": PAGES,
    "0003_fill": "migrations.RunSQL('UPDATE library_book SET pages = id + 5', migrations.RunSQL.noop)",
}
HARMLESS_MODELS = MODELS.replace("    shelf =", "    pages = models.IntegerField(null=True, default=1)\n    shelf =")


def test_nothing_is_lost_where_reverses_are_right(each_server: Server, tmp_path: Path) -> None:
    with open_library(tmp_path, each_server, HARMLESS, models=HARMLESS_MODELS) as world:
        evidence = measure(world)
    assert (evidence.findings, evidence.unsound) == ([], [])
    for name in (
        "lost or altered rows",
        "late writes lost or altered",
        "restore differences",
        "forward again differences",
    ):
        assert value(evidence, name) == {"": 0}
    assert value(evidence, "late writes")[""] >= 12
    assert value(evidence, "operations after going back") == {"": 2}
    assert value(evidence, "failures after going back") == {"": 0}
    assert "nothing lost" in evidence.summary
    gone = evidence.details["tables"][-1]
    assert [about for about, _ in gone["rows"]] == ["library_book.pages"]
    assert evidence.summary.split("; ")[0].endswith(" late writes kept except in 1 new column")
    unapply, analyze = steps(evidence)
    newest_first = ", ".join(f"library.{name}" for name in sorted(HARMLESS, reverse=True))
    assert unapply == f"{CODE}, unapply exactly these migrations, the newest first: {newest_first}"
    assert analyze.startswith("run ANALYZE")


@pytest.mark.postgres
def test_a_migration_without_reverse_is_named(postgresql: Server, tmp_path: Path) -> None:
    migrations = {
        "0002_fine": "migrations.RunSQL('SELECT 1', 'SELECT 1')",
        "0003_final": "migrations.RunSQL('SELECT 1')",
    }
    with open_library(tmp_path, postgresql, migrations) as world:
        evidence = measure(world)
    found = finding(evidence, "irreversible", "library.0003_final")
    assert "RunSQL" in found.why
    assert steps(evidence) == []
    assert found.file == "new/library/migrations/0003_final.py"
    assert value(evidence, "refused migrations") == {"library.0003_final": 1}
    assert evidence.select("lost or altered rows") == []
    assert value(evidence, "restore differences") == {"": 0}


@pytest.mark.postgres
def test_a_reverse_that_late_writes_stop_is_named(postgresql: Server, tmp_path: Path) -> None:
    models = MODELS.replace(
        "    title = models.CharField(max_length=50)", "    title = models.CharField(max_length=100)"
    )
    migrations = {"0002_longer": "migrations.AlterField('book', 'title', models.CharField(max_length=100))"}
    with open_library(tmp_path, postgresql, migrations, models=models) as world:
        evidence = measure(world)
    found = finding(evidence, "backward-refused", "library.0002_longer")
    assert "value too long for type character varying(50)" in found.why
    assert "only until the new release has written such rows" in found.why


@pytest.mark.postgres
def test_the_code_of_before_is_tried_after_going_back(postgresql: Server, tmp_path: Path) -> None:
    rename = "migrations.RunSQL('ALTER TABLE library_book RENAME COLUMN shelf TO rack', migrations.RunSQL.noop)"
    state = "state_operations=[migrations.RenameField('book', 'shelf', 'rack')]"
    migrations = {
        "0002_rename": f"migrations.SeparateDatabaseAndState([{rename}], {state})",
        "0003_desk": "migrations.RunSQL(migrations.RunSQL.noop, 'DROP TABLE library_desk')",
    }
    with open_library(tmp_path, postgresql, migrations, models=MODELS.replace("    shelf =", "    rack =")) as world:
        evidence = measure(world)
    assert "500" in finding(evidence, "operation-fails-after-going-back", "list books").why
    assert value(evidence, "failures after going back") == {"": 2}
    assert "library.0003_desk" in finding(evidence, "content-lost-backward", "library_desk").why
    assert value(evidence, "late writes lost or altered") == {"library_desk": 4}


@pytest.mark.postgres
def test_what_going_back_has_filled_has_statistics_when_the_code_of_before_is_tried(
    postgresql: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known: list[str] = []

    def look(world: World, database: Database) -> Tried:
        with closing(database.connect()) as connection:
            known.extend(name for (name,) in connection.execute("SELECT DISTINCT tablename FROM pg_stats").fetchall())
        return try_operations(world, database)

    monkeypatch.setattr("harness.probes.way_back.drill.try_operations", look)
    filled = "CREATE TABLE library_filled AS SELECT id FROM library_book"
    migrations = {"0002_filled": f"migrations.RunSQL('SELECT 1', '{filled}')"}
    with open_library(tmp_path, postgresql, migrations) as world:
        measure(world)

    assert "library_filled" in known


def test_only_what_late_writes_do_not_explain_differs_the_second_time(sqlite: Server, tmp_path: Path) -> None:
    count, chance = "(SELECT count(*) FROM library_book)", "abs(random() / 3)"
    migrations = {
        "0002_columns": f"{PAGES}, {PAGES.replace('pages', 'weight')}",
        "0003_fill": f"migrations.RunSQL('UPDATE library_book SET pages = {count}, weight = {chance}', '')",
    }
    models = HARMLESS_MODELS.replace(
        "    shelf =", "    weight = models.IntegerField(null=True, default=1)\n    shelf ="
    )
    with open_library(tmp_path, sqlite, migrations, models=models) as world:
        evidence = measure(world)
    assert value(evidence, "forward again differences") == {"library_book.weight": 300}


def test_what_could_not_be_tried_is_told(sqlite: Server, tmp_path: Path) -> None:
    nobody = "SELECT id FROM library_book WHERE id < 0"
    catalog = Catalog(
        operation=[
            Operation(name="fails", request="POST /books/", body={"name": "x"}, releases=["new"]),
            Operation(name="finds nothing", request="POST /books/{id}/", draw=nobody, releases=["new"]),
            Operation(name="finds nothing to read", request="GET /books/{id}/", draw=nobody, releases=["old"]),
        ]
    )
    with open_library(tmp_path, sqlite, {}, catalog=catalog) as world:
        evidence = measure(world)
    told = [row[0] for row in next(each for each in evidence.details["tables"] if "Late" in each["title"])["rows"]]
    assert "operation 'fails' answered 500 in 3 of 3 requests" in told
    assert any("'finds nothing' was not tried" in each for each in told)
    assert len(evidence.unsound) == 1
    assert "finds nothing to read" in evidence.unsound[0]


def test_a_phase_whose_migrations_did_nothing_is_no_way_back(sqlite: Server, tmp_path: Path) -> None:
    with open_library(tmp_path, sqlite, HARMLESS, models=HARMLESS_MODELS) as world:
        world._after = world.copy(world.before(), "after")
        with pytest.raises(ProbeError, match="no way back to rehearse"):
            measure(world)


def test_a_phase_without_migrations_has_nothing_to_undo(sqlite: Server, tmp_path: Path) -> None:
    with open_library(tmp_path, sqlite, {}, catalog=Catalog()) as world:
        evidence = measure(world)
    assert evidence.summary.startswith("nothing to undo: nothing lost, ")
    assert value(evidence, "migrations") == {"": 0}
    assert value(evidence, "schema left over") == {"": 0}
    assert value(evidence, "late writes")[""] >= 12
    assert value(evidence, "operations after going back") == {"": 0}


def test_a_broken_backup_is_noticed(sqlite: Server, tmp_path: Path) -> None:
    class Forgetful(type(sqlite)):  # type: ignore[misc]
        def restore(self, path: Path, database: Database) -> None:
            super().restore(path, database)
            run(database, "DELETE FROM library_book WHERE id = 3", "DROP TABLE library_desk")

    with Forgetful() as server, open_library(tmp_path, server, {}) as world:
        evidence = measure(world)
    assert "primary keys 3" in finding(evidence, "restore-differs", "library_book").why
    assert value(evidence, "restore differences")["library_book"] == 1
    assert "with differences" in evidence.summary


@pytest.mark.postgres
def test_a_release_that_cannot_write_proves_nothing(postgresql: Server, tmp_path: Path) -> None:
    refuse = """
LOCK = [
    "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'read only'; END $$",
    *(f"CREATE TRIGGER refuse BEFORE INSERT ON {table} EXECUTE FUNCTION refuse()"
      for table in ("library_book", "library_reader", "library_desk", "auth_user")),
]
"""
    migrations = {"0002_lock": "migrations.RunSQL(LOCK, migrations.RunSQL.noop)"}
    with open_library(tmp_path, postgresql, migrations, helpers=refuse) as world, pytest.raises(ProbeError) as error:
        measure(world)
    assert "'new' could not write any late rows" in str(error.value)
