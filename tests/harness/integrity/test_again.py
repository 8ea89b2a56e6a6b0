"""What Django keeps book of is compared by name: its keys differ each time it is made."""

from msgspec.structs import replace

from harness.databases import Server
from harness.databases.fingerprint import take_fingerprint
from harness.probes.way_back.again import compare_again, compare_books
from harness.probes.way_back.late_writes import LateWrites
from harness.probes.way_back.names import Names
from tests.harness.integrity.conftest import run

TABLES = (
    "CREATE TABLE django_content_type (id integer PRIMARY KEY, app_label text, model text)",
    "CREATE TABLE auth_permission (id integer PRIMARY KEY, codename text, "
    "content_type_id integer REFERENCES django_content_type (id))",
    "CREATE TABLE grants (id integer PRIMARY KEY, permission_id integer REFERENCES auth_permission (id))",
    "INSERT INTO django_content_type VALUES (1, 'core', 'course'), (2, 'core', 'quiz')",
    "INSERT INTO auth_permission VALUES (1, 'add_course', 1)",
    "INSERT INTO grants VALUES (1, 1), (2, 1)",
)
MADE_AGAIN = (
    "UPDATE grants SET permission_id = NULL",
    "DELETE FROM auth_permission",
    "UPDATE django_content_type SET id = id + 10",
    "INSERT INTO auth_permission VALUES (7, 'add_course', 11)",
    "UPDATE grants SET permission_id = 7",
)


def test_other_keys_are_no_difference(sqlite: Server) -> None:
    first = sqlite.create("first")
    run(first, *TABLES)
    second = sqlite.copy(first, "second")
    run(second, *MADE_AGAIN)
    late = LateWrites(take_fingerprint(first), {})
    again = compare_again(late, take_fingerprint(second), Names(late.fingerprint.schema, {}))
    assert (again.known, again.new, again.gone) == ([], [], [])


def test_a_lost_grant_and_a_lost_content_type_are_differences(sqlite: Server) -> None:
    first = sqlite.create("first")
    run(first, *TABLES)
    second = sqlite.copy(first, "second")
    run(second, *MADE_AGAIN, "DELETE FROM grants WHERE id = 2", "DELETE FROM django_content_type WHERE model = 'quiz'")
    late = LateWrites(take_fingerprint(first), {})
    again = compare_again(late, take_fingerprint(second), Names(late.fingerprint.schema, {}))
    assert [(each.about, each.change, each.rows) for each in again.known] == [
        ("django_content_type", "missing", 1),
        ("grants", "missing", 1),
    ]


def test_a_name_that_came_is_told(sqlite: Server) -> None:
    database = sqlite.create("first")
    run(database, *TABLES)
    first = take_fingerprint(database)
    second = replace(first, names={**first.names, "auth_permission": ("core.course.add_course", "core.course.grade")})
    (difference,) = compare_books(first, second)
    assert (difference.about, difference.change, difference.keys) == (
        "auth_permission",
        "added",
        ("core.course.grade",),
    )
