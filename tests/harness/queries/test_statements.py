"""What a statement is: its kind, its fingerprint, and a short form."""

from __future__ import annotations

import pytest

from harness.agent.statements import fingerprint, kind, normalise, shorten, unnamed_savepoint


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT 1", "reads"),
        ("  (SELECT 1) UNION (SELECT 2)", "reads"),
        ("/* app:web */ SELECT 1", "reads"),
        ("WITH x AS (SELECT 1) SELECT * FROM x", "reads"),
        ("WITH x AS (DELETE FROM t RETURNING id) SELECT * FROM x", "writes"),
        ('INSERT INTO "t" VALUES (%s)', "writes"),
        ("UPDATE t SET a = %s", "writes"),
        ("TRUNCATE t", "writes"),
        ('SAVEPOINT "s1_x2"', "transactions"),
        ("RELEASE SAVEPOINT s1_x2", "transactions"),
        ("ROLLBACK TO SAVEPOINT s1", "transactions"),
        ("", "writes"),
    ],
)
def test_reads_writes_and_transaction_control_are_told_apart(sql: str, expected: str) -> None:
    assert kind(sql) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SELECT a FROM t WHERE id IN (%s, %s)", "SELECT a FROM t WHERE id IN (%s, %s, %s)"),
        ("INSERT INTO t (a, b) VALUES (%s, %s), (%s, %s)", "INSERT INTO t (a, b) VALUES (%s, %s)"),
        ('SAVEPOINT "s139_x1"', 'SAVEPOINT "s139_x2"'),
        ("SELECT a FROM t LIMIT 5 OFFSET 10", "SELECT a FROM t LIMIT 50 OFFSET 0"),
        ("SELECT a FROM t /* request:17 */", "SELECT a FROM t /* request:18 */"),
        ("SELECT a FROM t WHERE b = 'x'", "SELECT a FROM t WHERE b = 'it''s'"),
        ("SELECT a FROM t WHERE (b = %s OR b = %s)", "SELECT a FROM t WHERE (b = %s OR b = %s OR b = %s)"),
        (
            "UPDATE t SET a = CASE WHEN (id = %s) THEN %s WHEN (id = %s) THEN %s ELSE NULL END",
            "UPDATE t SET a = CASE WHEN (id = %s) THEN %s ELSE NULL END",
        ),
        ('FETCH 100 FROM "_django_curs_139_sync_1"', 'FETCH 100 FROM "_django_curs_140_sync_7"'),
    ],
)
def test_statements_that_differ_in_values_and_widths_are_one(one: str, other: str) -> None:
    assert fingerprint(normalise(one)) == fingerprint(normalise(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SELECT a FROM t WHERE b = %s", "SELECT a FROM t WHERE c = %s"),
        ("SELECT a FROM t ORDER BY b", "SELECT a FROM t ORDER BY c"),
        ("SELECT a FROM t1 WHERE b = %s", "SELECT a FROM t2 WHERE b = %s"),
        ("UPDATE t SET a = %s", "UPDATE t SET b = %s"),
        ('SELECT "t"."a1" FROM "t"', 'SELECT "t"."a2" FROM "t"'),
        ("SELECT a FROM t INNER JOIN u ON (x = y)", "SELECT a FROM t LEFT OUTER JOIN u ON (x = y)"),
    ],
)
def test_statements_that_differ_in_meaning_stay_apart(one: str, other: str) -> None:
    assert fingerprint(normalise(one)) != fingerprint(normalise(other))


def test_no_value_survives_in_a_statement() -> None:
    text = normalise("SELECT a FROM t WHERE name = 'Iris Murdoch' AND age > 79 AND ratio = -1.5")

    assert text == "SELECT a FROM t WHERE name = %s AND age > %s AND ratio = %s"


def test_the_short_form_leaves_columns_out_and_keeps_what_is_asked() -> None:
    assert shorten('SELECT "t"."a", "t"."b" FROM "t" WHERE "t"."a" = %s') == "SELECT … FROM t WHERE t.a = %s"
    assert shorten('SELECT COUNT(*) AS "n" FROM "t"') == "SELECT COUNT(*) AS n FROM t"
    assert shorten('INSERT INTO "t" ("a", "b") VALUES (%s)') == "INSERT INTO t (…) VALUES (%s)"
    assert shorten('UPDATE "t" SET "a" = %s, "b" = %s WHERE "t"."id" = %s') == "UPDATE t SET … WHERE t.id = %s"
    assert len(shorten("SELECT a FROM " + "x" * 500)) == 160


@pytest.mark.parametrize("sql", ['SAVEPOINT "s1_x2"', "RELEASE SAVEPOINT s1_x2", "ROLLBACK TO SAVEPOINT `s1_x3`"])
def test_a_savepoint_without_its_name_is_what_all_rules_make_of_it(sql: str) -> None:
    assert unnamed_savepoint(sql).replace("`", "") == normalise(sql.replace("`", ""))
