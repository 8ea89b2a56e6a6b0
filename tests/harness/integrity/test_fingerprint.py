from contextlib import closing
from hashlib import md5

import pytest

from harness.databases import Database, Server
from harness.databases.comparison import Comparison, compare
from harness.databases.fingerprint import take_fingerprint
from harness.databases.row_changes import find_row_changes
from tests.harness.integrity.conftest import run

PEOPLE = (
    "CREATE TABLE person (id integer PRIMARY KEY, name varchar(50), note varchar(50), score numeric(6,2), born date)",
    "CREATE INDEX person_name ON person (name)",
)
NAMES = (
    "INSERT INTO person (id, name, note, score) VALUES (1, 'Ada', 'x', 1.5), (2, 'Bob', 'y', 2), (3, NULL, '', NULL)"
)


@pytest.fixture
def people(each_server: Server) -> Database:
    database = each_server.create("people")
    run(database, *PEOPLE, NAMES)
    return database


def differ(each_server: Server, database: Database, *statements: str) -> Comparison:
    """Compare a database with a copy on which the statements were run."""
    copy = each_server.copy(database, "changed")
    run(copy, *statements)
    before = take_fingerprint(database)
    return compare(before, take_fingerprint(copy, like=before.schema))


def seen(comparison: Comparison) -> list[tuple[str, str, int, tuple[str, ...]]]:
    return [(each.about, each.change, each.rows, each.keys) for each in comparison.differences]


def test_a_copy_has_no_difference(each_server: Server, people: Database) -> None:
    comparison = differ(each_server, people)
    assert (comparison.differences, comparison.schema, comparison.renamed, comparison.grown) == ([], [], {}, [])


@pytest.mark.parametrize(
    ("statement", "difference"),
    [
        ("UPDATE person SET name = 'Eve' WHERE id = 2", ("person.name", "altered", 1, ("2",))),
        ("UPDATE person SET note = NULL WHERE note = ''", ("person.note", "altered", 1, ("3",))),
        ("UPDATE person SET name = '' WHERE name IS NULL", ("person.name", "altered", 1, ("3",))),
        ("UPDATE person SET score = 0 WHERE score IS NULL", ("person.score", "altered", 1, ("3",))),
        ("UPDATE person SET name = substr(name, 1, 2) WHERE id < 3", ("person.name", "altered", 2, ("1", "2"))),
        ("DELETE FROM person WHERE id = 1", ("person", "missing", 1, ("1",))),
        ("INSERT INTO person (id) VALUES (9)", ("person", "added", 1, ("9",))),
        ("ALTER TABLE person DROP COLUMN note", ("person.note", "dropped", 3, ())),
        ("DROP TABLE person", ("person", "dropped", 3, ())),
    ],
)
def test_every_change_of_content_is_found(
    each_server: Server, people: Database, statement: str, difference: tuple[str, str, int, tuple[str, ...]]
) -> None:
    assert seen(differ(each_server, people, statement)) == [difference]


def test_values_swapped_between_two_rows_are_found(each_server: Server, people: Database) -> None:
    swap = "UPDATE person SET name = CASE id WHEN 1 THEN 'Bob' ELSE 'Ada' END WHERE id IN (1, 2)"
    assert seen(differ(each_server, people, swap)) == [("person.name", "altered", 2, ("1", "2"))]


def test_values_swapped_between_two_columns_are_found(each_server: Server, people: Database) -> None:
    comparison = differ(each_server, people, "UPDATE person SET name = note, note = name WHERE id = 1")
    assert seen(comparison) == [("person.name", "altered", 1, ("1",)), ("person.note", "altered", 1, ("1",))]


def test_a_renamed_column_is_not_lost(each_server: Server, people: Database) -> None:
    comparison = differ(each_server, people, "ALTER TABLE person RENAME COLUMN name TO full_name")
    assert (comparison.differences, comparison.renamed) == ([], {"person.name": "person.full_name"})


def test_a_renamed_table_is_not_lost(each_server: Server, people: Database) -> None:
    comparison = differ(each_server, people, "ALTER TABLE person RENAME TO human")
    assert (comparison.differences, comparison.renamed) == ([], {"person": "human"})


def test_an_altered_value_is_found_under_the_new_name_of_its_column(each_server: Server, people: Database) -> None:
    renamed = ("ALTER TABLE person RENAME COLUMN note TO remark", "UPDATE person SET remark = 'z' WHERE id = 2")
    comparison = differ(each_server, people, *renamed)
    assert comparison.renamed == {"person.note": "person.remark"}
    assert seen(comparison) == [("person.note", "altered", 1, ("2",))]


def test_an_altered_row_is_found_under_the_new_name_of_its_table(each_server: Server, people: Database) -> None:
    renamed = (
        "ALTER TABLE person RENAME TO human",
        "UPDATE human SET note = 'z' WHERE id = 2",
        "DELETE FROM human WHERE id = 4",
    )
    run(people, "INSERT INTO person (id, note) VALUES (4, 'd'), (5, 'e'), (6, 'f')")
    comparison = differ(each_server, people, *renamed)
    assert comparison.renamed == {"person": "human"}
    assert seen(comparison) == [("person.note", "altered", 1, ("2",)), ("person", "missing", 1, ("4",))]


def test_an_empty_column_is_found_under_its_new_name(each_server: Server, people: Database) -> None:
    comparison = differ(each_server, people, "ALTER TABLE person RENAME COLUMN born TO birthday")
    assert comparison.renamed == {"person.born": "person.birthday"}


def test_a_column_that_a_new_one_replaces_is_dropped(each_server: Server, people: Database) -> None:
    replaced = ("ALTER TABLE person DROP COLUMN note", "ALTER TABLE person ADD COLUMN remark varchar(50) DEFAULT 'new'")
    assert seen(differ(each_server, people, *replaced)) == [("person.note", "dropped", 3, ())]


def test_a_new_column_and_a_new_table_change_no_content(each_server: Server, people: Database) -> None:
    comparison = differ(
        each_server, people, "ALTER TABLE person ADD COLUMN age integer", "CREATE TABLE pet (id integer)"
    )
    assert comparison.differences == []
    assert {"column person.age", "table pet"} <= {each.name for each in comparison.schema if each.change == "added"}


def test_a_dropped_index_is_a_schema_change(each_server: Server, people: Database) -> None:
    comparison = differ(each_server, people, "DROP INDEX person_name")
    assert [(each.name, each.change) for each in comparison.schema] == [("index person.person_name", "removed")]


def test_renamed_names_let_rows_be_compared(each_server: Server, people: Database) -> None:
    copy = each_server.copy(people, "changed")
    changes = ("RENAME COLUMN name TO full_name", "RENAME COLUMN id TO number", "RENAME TO human")
    run(
        copy,
        *(f"ALTER TABLE person {change}" for change in changes),
        "UPDATE human SET full_name = 'Eve' WHERE number = 2",
    )
    renamed = {"person": "human", "person.name": "human.full_name", "person.id": "human.number"}
    (change,) = find_row_changes(take_fingerprint(people), take_fingerprint(copy), "person", renamed=renamed)
    assert (change.key, change.change, change.columns) == ((2,), "altered", ("name",))


def test_one_altered_row_in_a_hundred_thousand_is_found_and_its_key_named(each_server: Server) -> None:
    database = each_server.create("large")
    numbers = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT i, 'row ' || i FROM n"
    )
    run(database, "CREATE TABLE large (id bigint PRIMARY KEY, body text)", f"INSERT INTO large {numbers}")
    comparison = differ(each_server, database, "UPDATE large SET body = 'row 77778' WHERE id = 77777")
    assert seen(comparison) == [("large.body", "altered", 1, ("77777",))]


def test_a_table_without_primary_key_is_compared_as_a_multiset(each_server: Server) -> None:
    database = each_server.create("bag")
    run(database, "CREATE TABLE bag (a integer, b text)", "INSERT INTO bag VALUES (1, 'x'), (2, 'y'), (1, 'x')")
    swapped = differ(each_server, database, "UPDATE bag SET b = CASE a WHEN 1 THEN 'y' ELSE 'x' END")
    assert sorted(seen(swapped)) == [("bag", "added", 3, ()), ("bag", "missing", 3, ())]
    reordered = differ(each_server, database, "DELETE FROM bag", "INSERT INTO bag VALUES (2, 'y'), (1, 'x'), (1, 'x')")
    assert reordered.differences == []


def test_a_lost_duplicate_of_a_row_without_primary_key_is_counted(each_server: Server) -> None:
    database = each_server.create("bag")
    run(database, "CREATE TABLE bag (a integer, b text)", "INSERT INTO bag VALUES (1, 'x'), (2, 'y'), (1, 'x')")
    assert seen(differ(each_server, database, "DELETE FROM bag", "INSERT INTO bag VALUES (1, 'x'), (2, 'y')")) == [
        ("bag", "missing", 1, ())
    ]


def test_composite_keys_tell_rows_apart(each_server: Server) -> None:
    database = each_server.create("pairs")
    run(
        database,
        "CREATE TABLE pair (a integer, b text, v integer, PRIMARY KEY (a, b))",
        "INSERT INTO pair VALUES (1, 'x', 1), (1, 'y', 2), (2, 'x', 3), (11, '', 4)",
    )
    (difference,) = differ(each_server, database, "UPDATE pair SET v = 9 WHERE a = 1 AND b = 'y'").differences
    assert (difference.about, difference.rows) == ("pair.v", 1)
    assert difference.keys == (f"(1, md5:{md5(b'y').hexdigest()[:12]})",)


def test_a_key_that_may_be_a_secret_is_never_shown(each_server: Server) -> None:
    database = each_server.create("tokens")
    run(
        database,
        "CREATE TABLE token (key varchar(40) PRIMARY KEY, owner integer)",
        "INSERT INTO token VALUES ('s3cret', 1)",
    )
    (difference,) = differ(each_server, database, "UPDATE token SET owner = 2").differences
    assert difference.keys == ("md5:" + md5(b"s3cret").hexdigest()[:12],)


def test_rows_that_django_adds_to_its_own_tables_are_growth(each_server: Server) -> None:
    database = each_server.create("books")
    run(
        database,
        "CREATE TABLE django_migrations (id integer PRIMARY KEY, app text, name text)",
        "CREATE TABLE django_content_type (id integer PRIMARY KEY, app_label text, model text)",
        "CREATE TABLE auth_permission (id integer PRIMARY KEY, codename text, "
        "content_type_id integer REFERENCES django_content_type (id))",
        "INSERT INTO django_migrations VALUES (1, 'core', '0001_initial')",
        "INSERT INTO django_content_type VALUES (1, 'core', 'course')",
        "INSERT INTO auth_permission VALUES (1, 'add_course', 1)",
    )
    comparison = differ(
        each_server,
        database,
        "INSERT INTO auth_permission VALUES (2, 'grade', 1)",
        "INSERT INTO django_migrations VALUES (2, 'core', '0002')",
        "UPDATE django_content_type SET model = 'lesson'",
    )
    assert [each.about for each in comparison.grown] == ["auth_permission", "django_migrations"]
    assert seen(comparison) == [("django_content_type.model", "altered", 1, ("1",))]
    assert take_fingerprint(database).names == {
        "django_migrations": ("core.0001_initial",),
        "django_content_type": ("core.course",),
        "auth_permission": ("core.course.add_course",),
    }


def test_the_content_of_left_out_rows_does_not_count(each_server: Server, people: Database) -> None:
    copy = each_server.copy(people, "changed")
    run(copy, "UPDATE person SET name = 'Eve'")
    before = take_fingerprint(people)
    comparison = compare(before, take_fingerprint(copy, like=before.schema), ignore={"person": {(1,), (3,)}})
    assert seen(comparison) == [("person.name", "altered", 1, ("2",))]


def test_only_the_named_tables_are_summed(each_server: Server, people: Database) -> None:
    run(people, "CREATE TABLE pet (id integer PRIMARY KEY)")
    assert set(take_fingerprint(people, tables=["pet"]).sums) == {"pet"}
    before = take_fingerprint(people)
    assert compare(before, take_fingerprint(people, tables=["pet"])).differences == []


def test_an_empty_database_has_an_empty_fingerprint(each_server: Server) -> None:
    found = take_fingerprint(each_server.create("empty"))
    assert (found.rows, found.sums, found.migrations) == (0, {}, ())


def test_reading_leaves_no_connection_open(each_server: Server, people: Database) -> None:
    take_fingerprint(people)
    each_server.drop(people)
    with closing(each_server.create("next").connect()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
