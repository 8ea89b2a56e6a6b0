"""Every operation of the corpus has the facts that PostgreSQL is known to give, and only hazards are reported."""

from __future__ import annotations

import ast

import pytest

from harness.probes.migrations.facts import Facts
from tests.harness.migrations.cases import BY_NAME, CASES, Case
from tests.harness.migrations.conftest import Corpus
from tests.harness.migrations.scratch import findings, only

READ_WRITE = ["SELECT", "SELECT FOR UPDATE", "INSERT", "UPDATE", "DELETE"]
each_case = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])


def facts(corpus: Corpus, name: str, *, backward: bool = False) -> Facts:
    """Return the facts of a case's operation."""
    app = BY_NAME[name].app
    rehearsal = corpus.backward if backward else corpus.forward
    [step] = only(rehearsal.migrations, app).operations
    assert step.facts is not None
    return step.facts


@each_case
def test_an_operation_takes_the_locks_that_are_known(corpus: Corpus, case: Case) -> None:
    assert facts(corpus, case.name).locks == case.expected_locks()


@each_case
def test_rewrites_scans_and_index_builds_are_seen(corpus: Corpus, case: Case) -> None:
    seen = facts(corpus, case.name)
    assert (bool(seen.rewrites), bool(seen.scans), bool(seen.index_builds)) == (case.rewrite, case.scan, case.build)


@each_case
def test_a_second_session_finds_out_who_is_blocked(corpus: Corpus, case: Case) -> None:
    verbs = {"": None, "write": READ_WRITE[2:], "read write": READ_WRITE}[case.blocks]
    blocks = facts(corpus, case.name).blocks
    main = case.expected_locks() and next(iter(case.expected_locks()))
    assert blocks.get(main) == verbs if main else not blocks


@each_case
def test_old_code_fails_only_where_it_has_to(corpus: Corpus, case: Case) -> None:
    tried = only(corpus.forward.migrations, case.app).old_code
    assert tried is not None
    assert {each.verb for each in tried.failures} == set(case.old_code.split())
    assert all(each.index == 0 for each in tried.failures)


@each_case
def test_hazards_are_reported_and_nothing_else(corpus: Corpus, case: Case) -> None:
    about = f"{case.app}.0002_case"
    found = [each for each in findings(corpus.forward, corpus.folder) if each.about.startswith(about)]
    assert {each.code for each in found} == case.codes
    assert all(each.why and each.remedy and each.line and each.file.endswith("0002_case.py") for each in found)


def test_the_parent_of_a_foreign_key_is_blocked_for_writes(corpus: Corpus) -> None:
    app = BY_NAME["switch constraint on"].app
    assert facts(corpus, "switch constraint on").blocks[f"{app}_category"] == READ_WRITE[2:]
    [finding] = [each for each in findings(corpus.forward, corpus.folder) if f"{app}." in each.about]
    assert f"{app}_category" in finding.why


@pytest.mark.parametrize(
    ("name", "table"), [("rename model", "thing"), ("alter model table", "elsewhere"), ("rename field", "item")]
)
def test_a_renamed_table_keeps_the_name_that_others_know(corpus: Corpus, name: str, table: str) -> None:
    assert list(facts(corpus, name).locks) == [f"{BY_NAME[name].app}_item"]
    assert list(facts(corpus, name, backward=True).locks) == [f"{BY_NAME[name].app}_{table}"]


def test_rows_and_log_follow_the_work(corpus: Corpus) -> None:
    update, metadata = facts(corpus, "run sql update"), facts(corpus, "add null")
    assert (update.rows_written, update.largest_transaction) == (1000, 1000)
    assert update.wal_bytes > 100_000 > 20_000 > metadata.wal_bytes
    assert facts(corpus, "add check").rows_read == 1000
    assert facts(corpus, "backfill in batches").largest_transaction <= 20


def test_a_lock_is_held_until_commit(corpus: Corpus) -> None:
    seen = facts(corpus, "int to bigint")
    [table] = seen.blocks
    assert seen.longest_block == seen.held[table] > 0


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("widen varchar", "rewrite-blocks-reads"),
        ("varchar to text", "rewrite-blocks-reads"),
        ("remove index", "index-build-blocks-writes"),
        ("drop not null", "scan-blocks-reads"),
        ("widen decimal", "rewrite-blocks-reads"),
    ],
)
def test_the_way_back_has_hazards_of_its_own(corpus: Corpus, name: str, code: str) -> None:
    found = findings(corpus.backward, corpus.folder, corpus.forward.tables)
    [finding] = [each for each in found if each.about.startswith(f"{BY_NAME[name].app}.")]
    assert (finding.code, finding.side) == (code, "way back")


def test_a_reverse_that_the_database_refuses_says_why(corpus: Corpus) -> None:
    [finding] = findings(corpus.refused, corpus.folder, corpus.forward.tables)
    assert (finding.code, finding.side) == ("backward-fails", "way back")
    assert "contains null values" in finding.why
    assert "left nothing behind" in finding.why


def test_no_row_content_is_in_the_statements(corpus: Corpus) -> None:
    [statement] = facts(corpus, "run sql update").statements
    assert statement.sql.endswith("SET note = ?")


def test_the_safe_form_is_code_for_this_very_operation(corpus: Corpus) -> None:
    examples: dict[str, str] = {}
    for each in findings(corpus.forward, corpus.folder):
        ast.parse(each.example)
        app = each.about.partition(".")[0]
        examples[app] = examples.get(app, "") + each.example
    assert "AddIndexConcurrently('item', models.Index(fields=['quantity']" in examples[BY_NAME["add index"].app]
    assert "ValidateConstraint('item', 'item_rating_not_null')" in examples[BY_NAME["set not null without nulls"].app]
    assert "UNIQUE USING INDEX" in examples[BY_NAME["add unique constraint"].app]
    assert "db_default=0" in examples[BY_NAME["add not null python default"].app]
    assert "NOT VALID" in examples[BY_NAME["switch constraint on"].app]
    assert "RenameField('item', 'sku', 'code')" in examples[BY_NAME["rename field"].app]
