"""What only PostgreSQL has: types whose text depends on the session, and more kinds of objects."""

from contextlib import closing
from decimal import Decimal

import pytest

from harness.databases import Database, Server
from harness.databases.comparison import Comparison, compare
from harness.databases.fingerprint import take_fingerprint
from tests.harness.integrity.conftest import run

pytestmark = pytest.mark.postgres

TYPES = {
    "float8": "random()",
    "timestamptz": "now()",
    "interval": "interval '1 day 2 hours'",
    "bytea": r"'\xdeadbeef'::bytea",
    "money": "12.34::numeric::money",
    "jsonb": """'{"b": 1, "a": [1, 2]}'::jsonb""",
    "text[]": "ARRAY['x', NULL, '']",
    "numeric": "1.50",
    "boolean": "true",
    "int4range": "int4range(1, 5)",
}


def differ(server: Server, database: Database, *statements: str) -> Comparison:
    copy = server.copy(database, "changed")
    run(copy, *statements)
    before = take_fingerprint(database)
    return compare(before, take_fingerprint(copy, like=before.schema))


def test_sums_do_not_depend_on_the_settings_of_role_and_database(postgresql: Server) -> None:
    database = postgresql.create("types")
    columns = ", ".join(f"c{number} {kind}" for number, kind in enumerate(TYPES))
    run(
        database,
        f"CREATE TABLE t (id bigint PRIMARY KEY, {columns})",
        f"INSERT INTO t SELECT 1, {', '.join(TYPES.values())}",
    )
    copy = postgresql.copy(database, "elsewhere")
    settings = {
        "timezone": "'Asia/Tokyo'",
        "datestyle": "'German'",
        "intervalstyle": "'sql_standard'",
        "extra_float_digits": "-10",
        "bytea_output": "'escape'",
    }
    run(copy, *(f'ALTER DATABASE "{copy.name}" SET {name} = {value}' for name, value in settings.items()))
    assert take_fingerprint(database).sums == take_fingerprint(copy).sums


def test_uuid_keys_are_named(postgresql: Server) -> None:
    database = postgresql.create("uuids")
    key = "5b0c1b9e-0000-4000-8000-000000000001"
    run(
        database,
        "CREATE TABLE t (id uuid PRIMARY KEY, v text)",
        f"INSERT INTO t VALUES ('{key}', 'a'), (gen_random_uuid(), 'b')",
    )
    (difference,) = differ(postgresql, database, f"UPDATE t SET v = 'c' WHERE id = '{key}'").differences
    assert (difference.about, difference.keys) == ("t.v", (key,))


def test_a_wider_integer_and_a_longer_decimal_hold_the_same_content(postgresql: Server) -> None:
    database = postgresql.create("wider")
    run(database, "CREATE TABLE t (id integer PRIMARY KEY, v numeric(6,2))", "INSERT INTO t VALUES (1, 1.5), (2, NULL)")
    comparison = differ(postgresql, database, "ALTER TABLE t ALTER id TYPE bigint, ALTER v TYPE numeric(8,3)")
    assert comparison.differences == []
    assert {each.name for each in comparison.schema} == {"column t.id", "column t.v"}


def test_a_key_of_another_type_does_not_break_the_comparison(postgresql: Server) -> None:
    database = postgresql.create("retyped")
    run(database, "CREATE TABLE t (id integer PRIMARY KEY, v text)", "INSERT INTO t VALUES (1, 'a'), (2, 'b')")
    same = differ(postgresql, database, "ALTER TABLE t ALTER id TYPE text")
    assert same.differences == []
    changed = differ(postgresql, database, "ALTER TABLE t ALTER id TYPE text", "UPDATE t SET v = 'c' WHERE id = '2'")
    assert sorted((each.change, each.rows) for each in changed.differences) == [("added", 1), ("missing", 1)]


@pytest.mark.parametrize(
    ("statement", "name", "definition"),
    [
        ("ALTER TABLE t ADD CONSTRAINT c CHECK (v > 0) NOT VALID", "constraint t.c", "CHECK ((v > 0)) NOT VALID"),
        ("CREATE VIEW w AS SELECT id FROM t", "view w", "SELECT id\n   FROM public.t;"),
        ("CREATE TYPE mood AS ENUM ('sad', 'ok')", "type public.mood", "sad, ok"),
        ("ALTER TABLE t ALTER v SET DEFAULT 7", "column t.v", "integer DEFAULT 7"),
        ("ALTER TABLE t ALTER v SET NOT NULL", "column t.v", "integer NOT NULL"),
        ("ALTER TABLE t ADD g integer GENERATED ALWAYS AS (v + 1) STORED", "column t.g", "integer GENERATED (v + 1)"),
        ("CREATE EXTENSION pg_trgm", "extension pg_trgm", "1.6"),
        ("CREATE UNLOGGED TABLE u ()", "table u", "unlogged"),
        ("CREATE SCHEMA s CREATE TABLE u (id integer)", "column s.u.id", "integer"),
        ("CREATE POLICY p ON t USING (v > 0)", "policy t.p", "* (v > 0)"),
        ("CREATE FUNCTION f() RETURNS integer LANGUAGE sql RETURN 1", "function public.f()", "RETURN 1"),
    ],
)
def test_every_kind_of_object_is_compared(postgresql: Server, statement: str, name: str, definition: str) -> None:
    database = postgresql.create("objects")
    run(database, "CREATE TABLE t (id integer PRIMARY KEY, v integer)")
    changes = {each.name: each for each in differ(postgresql, database, statement).schema}
    assert definition in changes[name].after


def test_an_index_that_became_invalid_is_a_schema_change(postgresql: Server) -> None:
    database = postgresql.create("invalid")
    run(database, "CREATE TABLE t (id integer PRIMARY KEY, v integer)", "INSERT INTO t VALUES (1, 1), (2, 1)")
    copy = postgresql.copy(database, "changed")
    with closing(copy.connect()) as connection, pytest.raises(Exception, match="could not create unique index"):
        connection.execute("CREATE UNIQUE INDEX CONCURRENTLY broken ON t (v)")
    before = take_fingerprint(database)
    (change,) = compare(before, take_fingerprint(copy, like=before.schema)).schema
    assert change.name == "index t.broken"
    assert change.after.endswith("INVALID")


def test_a_partitioned_table_counts_once(postgresql: Server) -> None:
    database = postgresql.create("partitions")
    run(
        database,
        "CREATE TABLE t (id integer PRIMARY KEY) PARTITION BY RANGE (id)",
        "CREATE TABLE t_low PARTITION OF t FOR VALUES FROM (0) TO (10)",
        "INSERT INTO t VALUES (1), (2)",
    )
    found = take_fingerprint(database)
    assert {name: sums.rows for name, sums in found.sums.items()} == {"t": 2}


def test_names_with_quotes_and_percent_signs_are_read(postgresql: Server) -> None:
    database, table, column = postgresql.create("quotes"), '"a ""%s b"', '"50 % ""v"'
    run(
        database,
        f"CREATE TABLE {table} ({column} text, id integer PRIMARY KEY)",
        f"INSERT INTO {table} VALUES ('x', 1)",
    )
    (difference,) = differ(postgresql, database, f"UPDATE {table} SET {column} = 'y'").differences
    assert difference.about == 'a "%s b.50 % "v'


def test_sums_are_exact_beyond_64_bits(postgresql: Server) -> None:
    database = postgresql.create("many")
    run(database, "CREATE TABLE t (id integer PRIMARY KEY)", "INSERT INTO t SELECT generate_series(1, 5000)")
    with closing(database.connect()) as connection:
        expression = """sum(hashtextextended(id::text COLLATE "C", id::bigint))"""
        total = connection.execute(f"SELECT {expression} FROM t").fetchone()[0]
    assert isinstance(total, Decimal)
    assert take_fingerprint(database).sums["t"].columns == {"id": int(total)}


def test_a_sequence_that_goes_backward_is_a_difference(postgresql: Server) -> None:
    database = postgresql.create("items")
    run(database, "CREATE TABLE item (id bigserial PRIMARY KEY)", "INSERT INTO item SELECT FROM generate_series(1, 3)")
    assert take_fingerprint(database).sequences == {"item.id": 3}
    changes = {
        "SELECT setval('item_id_seq', 1)": [("item.id", "reset")],
        "SELECT setval('item_id_seq', 9)": [],
        "ALTER TABLE item RENAME TO thing": [],
        "ALTER TABLE item RENAME COLUMN id TO number": [],
        "DROP TABLE item": [("item", "dropped")],
    }
    for statement, expected in changes.items():
        found = differ(postgresql, database, statement).differences
        assert [(each.about, each.change) for each in found] == expected


def test_a_sequence_that_no_column_owns_is_compared_too(postgresql: Server) -> None:
    database = postgresql.create("numbers")
    run(database, "CREATE SEQUENCE invoice", "SELECT nextval('invoice'), nextval('invoice')")
    found = differ(postgresql, database, "ALTER SEQUENCE invoice RESTART").differences
    assert [(each.about, each.change) for each in found] == [("invoice", "reset")]
