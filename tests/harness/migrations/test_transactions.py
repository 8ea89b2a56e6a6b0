"""What several operations do to each other, and what is left when one of them fails."""

from __future__ import annotations

from harness.databases import Database
from harness.probes.migrations.facts import read
from tests.harness.migrations.scratch import Project, findings

ADD = 'migrations.AddField("item", "extra", models.IntegerField(null=True))'
CHECK = (
    'AddConstraintNotValid("item", models.CheckConstraint(condition=models.Q(quantity__gte=0), name="q_ck")), '
    'ValidateConstraint("item", "q_ck")'
)
FILL = "def fill(apps, editor):\n    apps.get_model('shop', 'item').objects.update(note=1)\n"
RUN = "migrations.RunPython(fill, migrations.RunPython.noop)"


def codes(project: Project, database: Database, app: str = "shop") -> dict[str, str]:
    """Rehearse and return the code of every finding by the operation that it is about."""
    found = findings(project.rehearse(database, app), project.folder)
    return {each.about: each.code for each in found}


def test_the_first_lock_is_held_while_later_operations_work(project: Project, database: Database) -> None:
    project.app("shop")
    project.migration("shop", "0002_both", f"{ADD}, {RUN}", more=FILL)
    rehearsal = project.rehearse(database, "shop")
    first, second = rehearsal.migrations[0].operations
    assert first.facts is not None
    assert second.facts is not None
    assert first.facts.locks == second.facts.inherited_locks == {"shop_item": "AccessExclusive"}
    assert second.facts.locks == {}
    assert first.facts.held["shop_item"] > second.facts.seconds
    found = {each.code: each for each in findings(rehearsal, project.folder)}
    assert set(found) == {"slow-work-under-lock", "rows-written-in-one-transaction", "data-mixed-with-schema"}
    assert found["slow-work-under-lock"].about == "shop.0002_both[1] Raw Python operation"
    assert "taken by another operation of shop.0002_both" in found["slow-work-under-lock"].why


COMMIT = "migrations.RunSQL('COMMIT', '')"
FAIL = "migrations.RunSQL('SELECT 1 / 0', '')"


def test_a_commit_inside_a_migration_releases_the_locks_that_were_taken(project: Project, database: Database) -> None:
    project.app("shop")
    project.migration("shop", "0002_both", f"{ADD}, {COMMIT}, {RUN}", more=FILL)
    first, second, third = [step.facts for step in project.rehearse(database, "shop").migrations[0].operations]
    assert first
    assert second
    assert third
    assert first.locks == second.inherited_locks == {"shop_item": "AccessExclusive"}
    assert (third.inherited_locks, third.locks) == ({}, {"shop_item": "RowExclusive"})
    assert [(each.statement, each.outcome) for each in second.transaction_ends] == [("COMMIT", "committed")]
    assert first.transaction_ends == third.transaction_ends == []


def test_a_migration_that_commits_by_itself_and_fails_leaves_half_of_it(project: Project, database: Database) -> None:
    project.app("shop")
    project.migration("shop", "0002_half", f"{ADD}, {COMMIT}, {ADD.replace('extra', 'other')}, {FAIL}")
    broken = project.rehearse(database, "shop").failure
    assert broken is not None
    assert "committed by itself at [1] and stopped at [3]" in broken.left
    assert "[0] Add field extra to item" in broken.left
    assert "other" not in broken.left
    with database.connect() as connection:
        columns = {row[0] for row in connection.execute("SELECT attname FROM pg_attribute WHERE attnum > 0")}
    assert ("extra" in columns, "other" in columns) == (True, False)


def test_what_a_transaction_begun_by_hand_had_done_is_gone_when_it_fails(project: Project, database: Database) -> None:
    project.app("shop")
    begin = "migrations.RunSQL('BEGIN; UPDATE shop_item SET note = 2; SELECT 1 / 0; COMMIT', '')"
    project.migration("shop", "0002_begin", f"{ADD}, {begin}", atomic=False)
    broken = project.rehearse(database, "shop").failure
    assert broken is not None
    assert (broken.index, broken.sqlstate) == (1, "22012")
    assert "what it did since its own BEGIN was rolled back" in broken.left
    assert "not recorded: [0] Add field extra to item." in broken.left


def test_a_table_is_observed_twice_in_a_transaction_begun_by_hand(project: Project, database: Database) -> None:
    project.app("shop")
    both = "ALTER TABLE shop_item ADD one integer", "ALTER TABLE shop_item ALTER quantity TYPE bigint"
    project.migration("shop", "0002_hand", f"migrations.RunSQL({['BEGIN', *both, 'COMMIT']!r}, '')", atomic=False)
    [step] = project.rehearse(database, "shop").migrations[0].operations
    assert step.facts
    assert step.facts.locks == {"shop_item": "AccessExclusive"}
    assert step.facts.rewrites == ["shop_item"]
    assert "SELECT" in step.facts.blocks["shop_item"]
    assert step.facts.transaction_ends == []


def test_validating_in_the_transaction_that_adds_the_constraint_is_a_hazard(
    project: Project, database: Database
) -> None:
    project.app("shop")
    project.migration("shop", "0002_check", CHECK)
    assert codes(project, database) == {
        "shop.0002_check[1] Validate constraint q_ck on model item": "validated-in-the-same-transaction"
    }


def test_an_index_of_another_operation_s_column_is_counted_for_the_operation_that_deferred_it(
    project: Project, database: Database
) -> None:
    project.app("shop")
    parent = 'migrations.AddField("item", "parent", models.ForeignKey("shop.category", models.CASCADE, null=True))'
    project.migration("shop", "0002_two", f"{parent}, {ADD}")
    first, second = project.rehearse(database, "shop").migrations[0].operations
    assert first.facts is not None
    assert second.facts is not None
    assert [each.table for each in first.facts.index_builds] == ["shop_item"]
    assert second.facts.index_builds == []


def test_what_happens_to_a_new_table_is_nobody_s_problem(project: Project, database: Database) -> None:
    project.app("shop")
    create = (
        'migrations.CreateModel("Part", [("id", models.BigAutoField(primary_key=True)), ("n", models.IntegerField())])'
    )
    insert = "migrations.RunSQL('INSERT INTO shop_part (n) SELECT n FROM generate_series(1, 500) n', '')"
    index = 'migrations.AddIndex("part", models.Index(fields=["n"], name="part_ix"))'
    project.migration("shop", "0002_part", f"{create}, {insert}")
    project.migration("shop", "0003_index", index)
    assert codes(project, database) == {}


def test_an_empty_table_is_a_low_risk_that_is_still_named(project: Project, database: Database) -> None:
    project.app("shop", rows=0)
    project.migration("shop", "0002_index", 'migrations.AddIndex("item", models.Index(fields=["sku"], name="s_ix"))')
    [finding] = findings(project.rehearse(database, "shop"), project.folder)
    assert (finding.code, finding.severity) == ("index-build-blocks-writes", "low")


def test_a_table_that_was_renamed_in_the_phase_is_still_known(project: Project, database: Database) -> None:
    project.app("shop")
    project.migration("shop", "0002_rename", 'migrations.RenameModel("Item", "Thing")')
    project.migration("shop", "0003_index", 'migrations.AddIndex("thing", models.Index(fields=["sku"], name="s_ix"))')
    about = "shop.0003_index[0] Create index s_ix on field(s) sku of model thing"
    assert codes(project, database)[about] == "index-build-blocks-writes"


def test_an_operation_without_reverse_is_named_with_its_line(project: Project, database: Database) -> None:
    project.app("shop")
    path = project.migration("shop", "0002_sql", "migrations.RunSQL('SELECT 1')")
    [finding] = findings(project.rehearse(database, "shop"), project.folder)
    assert (finding.code, finding.side) == ("irreversible", "way back")
    assert "RunSQL" in path.read_text(encoding="utf-8").splitlines()[finding.line - 1]
    with project.agent(database) as agent:
        broken = read(agent.call("observe", unapply=[["shop", "0002_sql"]])).failure
    assert broken is not None
    assert broken.irreversible
    assert "changed nothing" in broken.left


def test_an_atomic_migration_that_fails_leaves_nothing_behind(project: Project, database: Database) -> None:
    project.app("shop")
    project.migration("shop", "0002_good", ADD)
    project.migration("shop", "0003_bad", f"{ADD.replace('extra', 'more')}, migrations.RunSQL('SELECT 1 / 0')")
    project.migration("shop", "0004_never", RUN, more=FILL)
    broken = project.rehearse(database, "shop").failure
    assert broken is not None
    assert (broken.migration, broken.index, broken.statement, broken.sqlstate) == (
        "0003_bad",
        1,
        "SELECT ? / ?",
        "22012",
    )
    assert "left nothing behind" in broken.left
    assert broken.done == [["shop", "0002_good"]]
    assert broken.not_begun == [["shop", "0004_never"]]


def test_a_concurrent_build_that_fails_leaves_an_invalid_index_that_is_named(
    project: Project, database: Database
) -> None:
    project.app("shop")
    build = "migrations.RunSQL('CREATE UNIQUE INDEX CONCURRENTLY plain_uq ON shop_item (plain_id)', '')"
    project.migration("shop", "0002_bad", f"{ADD}, {build}", atomic=False)
    rehearsal = project.rehearse(database, "shop")
    [finding] = findings(rehearsal, project.folder)
    assert (finding.code, finding.severity) == ("migration-fails", "high")
    assert "could not create unique index" in finding.why
    assert "[0] Add field extra to item" in finding.why
    assert "Invalid indexes are left: plain_uq" in finding.why


def test_python_that_fails_is_told_without_a_statement(project: Project, database: Database) -> None:
    project.app("shop")
    more = "def fail(apps, editor):\n    raise RuntimeError('the file is missing')\n"
    project.migration("shop", "0002_bad", "migrations.RunPython(fail)", more=more)
    broken = project.rehearse(database, "shop").failure
    assert broken is not None
    assert (broken.kind, broken.statement, broken.message) == ("RuntimeError", "", "the file is missing")


def test_a_migration_that_is_not_atomic_may_rename_and_create_what_it_goes_on_with(
    project: Project, database: Database
) -> None:
    project.app("shop")
    rename = 'migrations.RenameModel("Item", "Thing")'
    create = 'migrations.CreateModel("Part", [("id", models.BigAutoField(primary_key=True))])'
    index = 'AddIndexConcurrently("thing", models.Index(fields=["sku"], name="s_ix"))'
    more = "def fill(apps, editor):\n    apps.get_model('shop', 'thing').objects.filter(id=1).update(note=1)\n"
    drop = "migrations.RunSQL('DROP TABLE shop_part', '')"
    operations = f"{rename}, {create}, {index}, {ADD.replace('item', 'thing')}, {RUN}, {drop}"
    project.migration("shop", "0002_all", operations, more=more, atomic=False)
    rehearsal = project.rehearse(database, "shop")
    assert rehearsal.failure is None
    renamed, created, indexed, added, filled, dropped = [step.facts for step in rehearsal.migrations[0].operations]
    assert renamed
    assert renamed.locks == added.locks == {"shop_item": "AccessExclusive"}  # type: ignore[union-attr]
    assert indexed.locks == {"shop_item": "ShareUpdateExclusive"}  # type: ignore[union-attr]
    assert filled.locks == {"shop_item": "RowExclusive"}  # type: ignore[union-attr]
    assert created.locks == dropped.locks == {}  # type: ignore[union-attr]


def test_statements_of_composed_sql_and_truncation_are_understood(project: Project, database: Database) -> None:
    project.app("shop")
    more = (
        "from psycopg import sql\n"
        "def run(apps, editor):\n"
        "    with editor.connection.cursor() as cursor:\n"
        "        cursor.execute(sql.SQL('TRUNCATE {}').format(sql.Identifier('shop_legacy')))\n"
        "        cursor.executemany('UPDATE shop_item SET note = %s WHERE id = %s', [(1, 2), (3, 4)])\n"
    )
    project.migration("shop", "0002_run", "migrations.RunPython(run)", more=more)
    [step] = project.rehearse(database, "shop").migrations[0].operations
    assert step.facts is not None
    assert step.facts.rewrites == []
    assert [each.times for each in step.facts.statements] == [1, 2]
    assert step.facts.locks["shop_legacy"] == "AccessExclusive"


def test_what_old_code_misses_is_the_deed_of_the_operation_that_took_it_away(
    project: Project, database: Database
) -> None:
    project.app("shop")
    optional = 'migrations.AlterField("item", "rating", models.IntegerField(null=True, db_index=True))'
    project.migration("shop", "0002_gone", f'{optional}, migrations.RemoveField("item", "rating")')
    old_code = project.rehearse(database, "shop", old_code=True).migrations[0].old_code
    assert old_code is not None
    assert {each.index for each in old_code.failures} == {1}


def test_what_a_parent_cannot_do_is_told_once(project: Project, database: Database) -> None:
    key = '("id", models.BigAutoField(primary_key=True))'
    crate = f'migrations.CreateModel("Crate", [{key}])'
    piece = f'migrations.CreateModel("Piece", [{key}, ("crate", models.ForeignKey("shop.crate", models.CASCADE))])'
    project.app("shop", more=f"{crate}, {piece}")
    size = 'migrations.AddField("crate", "size", models.IntegerField(default=0))'
    project.migration("shop", "0002_size", f"{size}, {ADD.replace('item', 'piece')}")
    old_code = project.rehearse(database, "shop", old_code=True).migrations[0].old_code
    assert old_code is not None
    assert {each.table for each in old_code.failures} == {"shop_crate"}


def test_a_parent_that_is_gone_is_told_once(project: Project, database: Database) -> None:
    key = '("id", models.BigAutoField(primary_key=True))'
    link = '("crate", models.ForeignKey("shop.crate", models.CASCADE, db_constraint=False))'
    piece = f'migrations.CreateModel("Piece", [{key}, {link}])'
    project.app("shop", more=f'migrations.CreateModel("Crate", [{key}]), {piece}')
    gone = 'migrations.RunSQL("DROP TABLE shop_crate; ALTER TABLE shop_piece ADD COLUMN extra integer", "")'
    project.migration("shop", "0002_gone", gone)
    old_code = project.rehearse(database, "shop", old_code=True).migrations[0].old_code
    assert old_code is not None
    assert {each.table for each in old_code.failures} == {"shop_crate"}
