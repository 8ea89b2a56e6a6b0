"""Any type, any key, any encoding, any name: one changed value is found, and nothing else."""

from __future__ import annotations

from contextlib import closing

import pytest

from harness.databases import Database, Server
from harness.databases.comparison import compare
from harness.databases.fingerprint import take_fingerprint
from tests.harness.integrity.conftest import run

# Two values of a type that must not be taken for the same, however alike they look.
VALUES = {
    "json": ("'{\"a\": 1}'", "'{\"a\":1}'"),
    "jsonb": ("'{\"a\": 1}'", "'{\"a\": 2}'"),
    "integer[]": ("'{1,2}'", "'{2,1}'"),
    "text[]": ("ARRAY['a,b']", "ARRAY['a','b']"),
    "int4range": ("'[1,5)'", "'[1,6)'"),
    "tstzrange": ("'[2024-01-01,)'", "'[2024-01-01,2024-01-02)'"),
    "int4multirange": ("'{[1,5)}'", "'{[1,6)}'"),
    "hstore": ("'a=>1'", "'a=>2'"),
    "citext": ("'Abc'", "'aBC'"),
    "ltree": ("'a.b'", "'a.c'"),
    "tsvector": ("'a b'", "'a:1 b'"),
    "bytea": (r"'\x00'", r"'\x0000'"),
    "interval": ("'1 day'", "'24 hours'"),
    "numeric": ("'NaN'", "0"),
    "numeric(6,2)": ("1.50", "1.51"),
    "float8": ("'-0.0'", "'0.0'"),
    "real": ("0.1", "0.10000001"),
    "timestamptz": ("'2024-01-01 00:00+00'", "'2024-01-01 00:00+01'"),
    "timestamp": ("'infinity'", "'-infinity'"),
    "date": ("'0044-03-15 BC'", "'0044-03-15'"),
    "timetz": ("'12:00+00'", "'12:00+01'"),
    "money": ("12.34", "12.35"),
    "mood": ("'ok'", "'sad'"),
    "pair": ("ROW(1, 'a')", "ROW(1, NULL)"),
    "pair[]": ("ARRAY[ROW(1, 'a')]::pair[]", "ARRAY[ROW(1, 'b')]::pair[]"),
    "positive": ("1", "2"),
    "bit(3)": ("B'101'", "B'100'"),
    "inet": ("'10.0.0.1/32'", "'10.0.0.1/24'"),
    "point": ("'(1,2)'", "'(2,1)'"),
    '"char"': ("'a'", "'b'"),
    "text": ("'é'", "'e\u0301'"),
    "varchar(9)": ("''", "' '"),
}
NO_KEYS = ("json", "point")
EQUAL = {"citext": "'b'", "interval": "'2 days'", "float8": "1"}
MADE = (
    *(f"CREATE EXTENSION {name}" for name in ("hstore", "citext", "ltree")),
    "CREATE TYPE mood AS ENUM ('ok', 'sad')",
    "CREATE TYPE pair AS (a int, b text)",
    "CREATE DOMAIN positive AS int CHECK (value > 0)",
)


def differ(server: Server, database: Database, *statements: str) -> list[tuple[str, str, int, tuple[str, ...]]]:
    """Return how a copy differs on which the statements were run."""
    copy = server.copy(database, "changed")
    run(copy, *statements)
    before = take_fingerprint(database)
    found = compare(before, take_fingerprint(copy, like=before.schema)).differences
    return [(each.about, each.change, each.rows, each.keys) for each in found]


@pytest.mark.postgres
def test_two_values_of_any_type_stay_apart(postgresql: Server) -> None:
    database = postgresql.create("types")
    columns = [f"c{number}" for number in range(len(VALUES))]
    typed = ", ".join(f"{column} {kind}" for column, kind in zip(columns, VALUES, strict=True))
    first, second = ([pair[side] for pair in VALUES.values()] for side in (0, 1))
    rows = ", ".join(f"({number}, {', '.join(first)})" for number in (1, 2))
    run(database, *MADE, f"CREATE TABLE t (id int PRIMARY KEY, {typed})", f"INSERT INTO t VALUES {rows}")
    changed = ", ".join(f"{column} = {value}" for column, value in zip(columns, second, strict=True))
    assert differ(postgresql, database) == []
    found = differ(postgresql, database, f"UPDATE t SET {changed} WHERE id = 2")
    assert found == [(f"t.{column}", "altered", 1, ("2",)) for column in columns]


@pytest.mark.postgres
def test_a_key_of_any_type_tells_rows_apart(postgresql: Server) -> None:
    database = postgresql.create("keys")
    kinds = [kind for kind in VALUES if kind not in NO_KEYS and "pair" not in kind]
    run(database, *MADE)
    for number, kind in enumerate(kinds):
        one, two = VALUES[kind][0], EQUAL.get(kind, VALUES[kind][1])
        run(
            database,
            f"CREATE TABLE t{number} (id {kind}, part uuid, v int, PRIMARY KEY (id, part))",
            f"INSERT INTO t{number} VALUES ({one}, gen_random_uuid(), 1), ({two}, gen_random_uuid(), 2)",
        )
    found = differ(postgresql, database, *(f"UPDATE t{number} SET v = 3 WHERE v = 2" for number in range(len(kinds))))
    assert sorted(each[:3] for each in found) == sorted((f"t{number}.v", "altered", 1) for number in range(len(kinds)))


def encoded(server: Server, encoding: str) -> Database:
    """Return an empty database of another encoding than the server's."""
    database = server.create(f"in {encoding}")
    with closing(server.create("other").connect()) as connection:
        connection.execute(f'DROP DATABASE "{database.name}"')
        connection.execute(
            f"CREATE DATABASE \"{database.name}\" TEMPLATE template0 LOCALE_PROVIDER libc LOCALE 'C' "
            f"ENCODING '{encoding}'"
        )
    return database


@pytest.mark.postgres
@pytest.mark.parametrize(("encoding", "letter"), [("LATIN1", "é"), ("WIN1252", "€"), ("EUC_JP", "日")])
def test_an_encoding_of_the_database_is_no_difference(postgresql: Server, encoding: str, letter: str) -> None:
    database = encoded(postgresql, encoding)
    run(database, f'CREATE TABLE "{letter} T" (id int PRIMARY KEY, "{letter}" text)')
    run(database, f"INSERT INTO \"{letter} T\" VALUES (1, '{letter}'), (2, 'b')")
    found = differ(postgresql, database, f'UPDATE "{letter} T" SET "{letter}" = \'c{letter}\' WHERE id = 1')
    assert found == [(f"{letter} T.{letter}", "altered", 1, ("1",))]


@pytest.mark.postgres
def test_texts_that_are_no_texts_are_compared_byte_by_byte(postgresql: Server) -> None:
    database = encoded(postgresql, "SQL_ASCII")
    run(database, "CREATE TABLE t (id text PRIMARY KEY, v text)")
    run(database, r"INSERT INTO t VALUES (E'k\xff', E'v\xfe'), ('b', E'\xe9')")
    [found] = differ(postgresql, database, r"UPDATE t SET v = E'v\xfd' WHERE v = E'v\xfe'")
    assert found[:3] == ("t.v", "altered", 1)
    assert found[3][0].startswith("md5:")


@pytest.mark.postgres
def test_a_table_without_columns_has_rows(postgresql: Server) -> None:
    database = postgresql.create("nothing")
    run(database, "CREATE TABLE t ()", "INSERT INTO t DEFAULT VALUES", "INSERT INTO t DEFAULT VALUES")
    assert take_fingerprint(database).rows == 2
    assert differ(postgresql, database, "DELETE FROM t WHERE ctid = '(0,1)'") == [("t", "missing", 1, ())]


@pytest.mark.postgres
def test_names_that_read_alike_are_two_tables(postgresql: Server) -> None:
    database = postgresql.create("alike")
    run(database, "CREATE SCHEMA a", "CREATE TABLE a.b (id int PRIMARY KEY)", 'CREATE TABLE "a.b" (id int PRIMARY KEY)')
    run(database, "INSERT INTO a.b VALUES (1)", 'INSERT INTO "a.b" VALUES (1), (2)')
    assert take_fingerprint(database).rows == 3
    assert differ(postgresql, database, "DELETE FROM a.b") == [("a.b", "missing", 1, ("1",))]
    assert differ(postgresql, database, 'DELETE FROM "a.b" WHERE id = 2') == [('"a.b"', "missing", 1, ("2",))]


@pytest.mark.postgres
def test_partitions_inheritance_and_generated_columns_are_compared(postgresql: Server) -> None:
    database = postgresql.create("shapes")
    run(
        database,
        "CREATE TABLE part (id int, d date, v text, PRIMARY KEY (id, d)) PARTITION BY RANGE (d)",
        "CREATE TABLE part_1 PARTITION OF part DEFAULT",
        "INSERT INTO part VALUES (1, '2024-05-01', 'a'), (2, '2025-05-01', 'b')",
        "CREATE TABLE parent (id int PRIMARY KEY, a int, g int GENERATED ALWAYS AS (a * 2) STORED)",
        "CREATE TABLE child () INHERITS (parent)",
        "INSERT INTO parent VALUES (1, 1)",
        "INSERT INTO child VALUES (1, 1)",
    )
    assert differ(postgresql, database, "UPDATE part SET v = 'z' WHERE id = 2") == [
        ("part.v", "altered", 1, ("(2, 2025-05-01)",))
    ]
    assert differ(postgresql, database, "UPDATE ONLY parent SET a = 5") == [
        ("parent.a", "altered", 1, ("1",)),
        ("parent.g", "altered", 1, ("1",)),
    ]
    assert sorted(differ(postgresql, database, "UPDATE child SET a = 5")) == [
        ("child", "added", 1, ()),
        ("child", "missing", 1, ()),
    ]


def test_keys_of_mixed_types_without_rowid_tell_rows_apart(sqlite: Server) -> None:
    database = sqlite.create("mixed")
    run(
        database,
        "CREATE TABLE t (a text, b, v, PRIMARY KEY (a, b)) WITHOUT ROWID",
        "INSERT INTO t VALUES ('x', '1', 2), ('x', x'31', 3), ('y', 1.5, 4)",
    )
    assert [each[:3] for each in differ(sqlite, database, "DELETE FROM t WHERE b = '1'")] == [("t", "missing", 1)]
    assert [each[:3] for each in differ(sqlite, database, "UPDATE t SET v = 9 WHERE b = x'31'")] == [
        ("t.v", "altered", 1)
    ]


def test_a_text_in_a_key_of_numbers_is_not_shown(sqlite: Server) -> None:
    database = sqlite.create("secret")
    run(database, "CREATE TABLE t (id INT PRIMARY KEY, v)", "INSERT INTO t VALUES ('s3cret-token', 1), (5, 2)")
    [(_, _, _, keys)] = differ(sqlite, database, "UPDATE t SET v = 7")
    assert keys[0] == "5"
    assert keys[1].startswith("md5:")
