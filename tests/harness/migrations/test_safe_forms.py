"""The safe form is code for this very operation: its table, its columns, its rule."""

from __future__ import annotations

import ast

import msgspec

from harness.probes.migrations import culprits, remedies
from harness.probes.migrations.facts import Facts, Migration, Statement, Step
from harness.probes.migrations.safe_forms import write

LOOKED_UP = "SELECT c.conname FROM pg_constraint AS c JOIN cols ON cols.colid = c.oid"


def _step(kind: str, *statements: str, **details: str) -> Step:
    facts = Facts(seconds=0, statements=[Statement(sql, 1, 0) for sql in statements])
    return Step(index=0, kind=kind, describe="", reversible=True, facts=facts, details=details)


def _write(code: str, step: Step, work: str = "rows") -> str:
    example = write(code, step, work)
    ast.parse(example)
    return example


def test_a_key_that_becomes_required_is_not_validated_anew() -> None:
    step = _step(
        "AlterField",
        LOOKED_UP,
        'SET CONSTRAINTS "fk" IMMEDIATE; ALTER TABLE "page" DROP CONSTRAINT "fk"',
        'ALTER TABLE "page" ALTER COLUMN "locale_id" SET NOT NULL',
        'ALTER TABLE "page" ADD CONSTRAINT "fk" FOREIGN KEY ("locale_id") REFERENCES "locale" ("id")',
        model_name="page", name="locale", field="models.ForeignKey(to='locale')",
    )  # fmt: skip
    example = _write("scan-blocks-reads", step)
    assert "ValidateConstraint('page', 'page_locale_not_null')" in example
    assert """RunSQL('ALTER TABLE "page" ALTER COLUMN "locale_id" SET NOT NULL'""" in example
    assert "colid" not in example


def test_a_unique_constraint_with_a_condition_is_an_index() -> None:
    created = 'CREATE UNIQUE INDEX "one" ON "state" ("page_id") WHERE "status" IN (\'in progress\')'
    step = _step("AddConstraint", created, model_name="state", constraint="models.UniqueConstraint(name='one')")
    example = _write("slow-work-under-lock", step, "index-build")
    assert 'CREATE UNIQUE INDEX CONCURRENTLY "one" ON "state"' in example
    assert "USING INDEX" not in example


def test_a_column_with_a_check_gets_the_check_later() -> None:
    added = 'ALTER TABLE "document" ADD COLUMN "size" integer NULL CHECK ("size" >= 0)'
    step = _step("AddField", added, model_name="document", name="size", field="models.PositiveIntegerField(null=True)")
    example = _write("scan-blocks-reads", step)
    assert """'ALTER TABLE "document" ADD COLUMN "size" integer NULL',""" in example
    assert 'CHECK ("size" >= 0) NOT VALID' in example
    assert 'VALIDATE CONSTRAINT "document_size_check"' in example


def test_a_new_foreign_key_is_indexed_and_validated_later() -> None:
    added = 'ALTER TABLE "page" ADD COLUMN "of_id" integer NULL CONSTRAINT "fk" REFERENCES "page"("id") DEFERRABLE'
    step = _step("AddField", added, model_name="page", name="of", field="models.ForeignKey(null=True, to='page')")
    example = _write("index-build-blocks-reads", step)
    assert 'ADD CONSTRAINT "fk" FOREIGN KEY ("of_id") REFERENCES "page"("id")' in example
    assert 'VALIDATE CONSTRAINT "fk"' in example
    assert not example.rstrip().endswith("# the next migration")


def test_long_names_of_indexes_stay_different() -> None:
    names = {
        _write("index-build-blocks-writes", _step("AlterField", model_name="productattributevalue", name=name,
               field="models.DateField(db_index=True)"))
        .partition("name='")[2].partition("'")[0]
        for name in ("value_date", "value_datetime")
    }  # fmt: skip
    assert len(names) == 2
    assert max(map(len, names)) <= 30


def test_a_renamed_key_keeps_its_column() -> None:
    renamed = 'ALTER TABLE "page" RENAME COLUMN "owner_id" TO "author_id"'
    step = _step("RenameField", renamed, model_name="page", old_name="owner", new_name="author")
    assert "db_column='owner_id'" in _write("old-code-cannot-read", step)


def test_work_that_blocks_by_itself_needs_its_own_safe_form_in_the_later_migration() -> None:
    assert "AddIndexConcurrently" in remedies.for_work("slow-work-under-lock", "AddIndex", "index-build")
    assert "CHECK" in remedies.for_work("scan-blocks-reads", "AddField")


CHECKED = 'ALTER TABLE "set" ADD CONSTRAINT "set_count_check" CHECK ("count" >= 0)'
ANEW = (
    'SET CONSTRAINTS "fk" IMMEDIATE; ALTER TABLE "mail" DROP CONSTRAINT "fk"',
    'ALTER TABLE "mail" ALTER COLUMN "user_id" DROP NOT NULL',
    'ALTER TABLE "mail" ADD CONSTRAINT "fk" FOREIGN KEY ("user_id") REFERENCES "user" ("id")',
)


def test_a_check_that_comes_with_a_type_is_added_not_valid() -> None:
    assert "CHECK of the field NOT VALID" in remedies.for_work("scan-blocks-reads", "AlterField", sql=[CHECKED])
    field = "models.PositiveIntegerField()"
    step = _step("AlterField", CHECKED, model_name="set", name="count", field=field)
    example = _write("scan-blocks-reads", step)
    assert f"{CHECKED} NOT VALID" in example
    assert """'ALTER TABLE "set" VALIDATE CONSTRAINT "set_count_check"'""" in example


def test_a_key_that_need_not_be_there_any_more_is_not_validated_anew() -> None:
    assert "PostgreSQL needs neither" in remedies.for_work("slow-work-under-lock", "AlterField", "scan", ANEW)
    step = _step("AlterField", *ANEW, model_name="mail", name="user", field="models.ForeignKey(to='user', null=True)")
    example = _write("scan-blocks-reads", step)
    assert """'ALTER TABLE "mail" ALTER COLUMN "user_id" DROP NOT NULL',""" in example
    assert "FOREIGN KEY" not in example


def test_a_field_that_becomes_unique_needs_a_unique_index() -> None:
    made = 'ALTER TABLE "site" ADD CONSTRAINT "site_uniq" UNIQUE ("domain")'
    assert "USING INDEX" in remedies.for_work("index-build-blocks-reads", "AlterField", sql=[made])
    assert "USING INDEX" not in remedies.for_work("index-build-blocks-writes", "AlterField", sql=["CREATE INDEX i"])


def test_a_null_that_old_code_writes_is_no_matter_of_a_default() -> None:
    assert "db_default" in remedies.for_old_code("insert", "23502", "AddField")
    assert "db_default" not in remedies.for_old_code("insert", "23502", "AlterField")


def test_what_removes_a_column_or_a_table_is_the_culprit_of_what_is_lost() -> None:
    hits = {"model_name": "hits", "name": "query"}
    steps = [
        _step("AlterField", model_name="hits", name="query", field="models.IntegerField(null=True)"),
        _step("RemoveField", **hits),
        _step("DeleteModel", name="hits"),
    ]
    steps = [msgspec.structs.replace(each, index=index) for index, each in enumerate(steps)]
    migration = Migration(app="shop", migration="0002", file="", atomic=True, seconds=0, operations=steps)
    assert culprits.find(migration, "shop_hits", "query") == steps[1]
    assert culprits.find(migration, "shop_hits", "") == steps[2]
