"""Phases 3 and 6 from a database of the baseline release, forward and backward, on both engines."""

from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.writer import MigrationWriter

from core.models.learning import UNPLACED
from tests.apps.baseline import add_course
from tests.apps.databases import LEGACY, go_to, leaves, phase_3, rows, schema, schemas_along

on_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)  # nothing here depends on the engine
PLATFORM = Path(__file__).parents[2] / "platform"


def granted(apps, label):
    """Codenames of the app's permissions that groups and users hold."""
    permissions = apps.get_model("auth", "Permission").objects.filter(content_type__app_label=label)
    held = permissions.filter(group__isnull=False) | permissions.filter(user__isnull=False)
    return sorted(held.values_list("codename", flat=True))


def positions(title):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT position FROM learning_course_tasks JOIN learning_course ON learning_course.id = course_id "
            "WHERE title = %s ORDER BY learningtask_id",
            [title],
        )
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.parametrize("app", ["users", "tasks", "learning", "assessment"])
def test_the_first_migrations_are_those_of_the_baseline_release(app):
    first = Path(app) / "migrations" / "0001_initial.py"
    assert (PLATFORM / first).read_bytes() == (PLATFORM / "legacy" / first).read_bytes()


@pytest.mark.django_db
def test_the_migrations_say_what_the_models_say():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db
def test_the_plan_names_what_is_done(capsys):
    call_command("migrate", "core", "0004", plan=True, verbosity=0)
    assert "Create not valid foreign key assessment_submission_graded_by_id_fk" in capsys.readouterr().out


def test_the_migration_writer_spells_the_foreign_key_with_its_name():
    migration = import_module("core.migrations.0005_submission_grader_foreign_key").Migration("0005", "core")
    written = MigrationWriter(migration).as_string()
    assert "core.zero_downtime.AddForeignKeyNotValid" in written
    assert "constraint='assessment_submission_graded_by_id_fk'" in written


@pytest.fixture(scope="session")
def journey(engine, baseline, django_db_blocker):
    """What was seen on the way forward, backward and forward again."""
    with django_db_blocker.unblock(), engine.database("journey", "baseline"):
        start = schema(), rows()
        forward, there = schemas_along(leaves()), rows()
        backward, back = schemas_along(LEGACY), rows()
        again = schemas_along(leaves())
        return SimpleNamespace(
            start=start, forward=forward, there=there, backward=backward, back=back, again=again, end=rows()
        )


def test_there_and_back_nothing_changes(journey):
    first, last = min(journey.forward), max(journey.forward)
    assert journey.forward[last] != journey.start[0]
    assert (journey.backward[first], journey.back) == journey.start


def test_every_step_backward_leaves_the_schema_that_was_there(journey):
    names = sorted(journey.forward)
    assert len(names) == 14
    before = [journey.start[0], *(journey.forward[name] for name in names[:-1])]
    assert [journey.backward[name] for name in names] == before


def test_the_second_time_forward_ends_as_the_first(journey):
    assert journey.again == journey.forward
    renumbered = {name for name in journey.there if "permission" in name} | {"django_content_type"}
    for table in journey.there.keys() - renumbered:
        assert journey.end[table] == journey.there[table]
    for table in renumbered:
        assert len(journey.end[table]) == len(journey.there[table])


def test_the_baseline_release_keeps_writing_on_the_new_schema(phase3, baseline):
    user = baseline.get_model("users", "User").objects.create(username="new")
    task = baseline.get_model("tasks", "AssessmentTask").objects.create(title="", max_score=0, passing_score="-1")
    submission = baseline.get_model("assessment", "Submission").objects.create(user=user, task=task, content="x")
    submission.grade = None
    submission.save()
    add_course(baseline, "Late", 2)
    assert positions("Late") == [UNPLACED, UNPLACED]
    assert baseline.get_model("learning", "Course").objects.filter(title="Late").delete()[0] == 3


def test_what_the_baseline_release_wrote_meanwhile_survives_the_way_back(phase3, baseline):
    add_course(baseline, "Late", 2)
    late = rows()["learning_course"][-1][:4]
    go_to(LEGACY)
    course = baseline.get_model("learning", "Course").objects.get(title="Late")
    assert (course.tasks.count(), late[1]) == (2, "Late")


def test_tasks_are_placed_in_the_order_that_was_shown(phase3):
    assert positions("Course 0") == positions("Course 2") == [1, 2, 3]


@on_sqlite
def test_placing_tasks_can_be_repeated_and_keeps_places(legacy):
    go_to([("core", "0007_place_course_tasks")])
    add_course(legacy, "Late", 2)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE learning_course_tasks SET position = 40 - position WHERE position <= 3")
        cursor.execute("DELETE FROM django_migrations WHERE name = '0007_place_course_tasks'")
    go_to(phase_3())
    assert positions("Course 0") == [39, 38, 37]
    assert positions("Late") == [1, 2]


def test_many_courses_are_placed_in_several_batches(legacy):
    courses = legacy.get_model("learning", "Course").objects
    courses.bulk_create([courses.model(title=f"Empty {number}") for number in range(450)])
    add_course(legacy, "Last", 2)
    go_to(phase_3())
    assert positions("Last") == [1, 2]


@on_sqlite
def test_an_older_course_does_not_look_new(phase3):
    course = phase3.get_model("core", "Course")
    assert set(course.objects.values_list("created_at", flat=True)) == {None}
    course.objects.create(title="New")
    assert course.objects.get(title="New").created_at is not None


@on_sqlite
def test_grants_are_copied_and_the_old_ones_stay(phase3):
    assert granted(phase3, "core") == ["change_course", "view_submission"]
    assert (granted(phase3, "learning"), granted(phase3, "assessment")) == (["change_course"], ["view_submission"])


@on_sqlite
def test_copying_again_changes_nothing(phase3):
    before = rows()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE name = '0010_copy_permissions'")
    go_to(phase_3())
    assert rows() == before


@on_sqlite
def test_a_grant_made_after_the_hand_over_goes_back_with_the_model(phase3, baseline):
    permissions = phase3.get_model("auth", "Permission").objects
    group = phase3.get_model("auth", "Group").objects.get()
    group.permissions.add(permissions.get(codename="delete_quiz", content_type__app_label="core"))
    go_to(LEGACY)
    assert granted(baseline, "assessment") == ["delete_quiz", "view_submission"]
    assert not baseline.get_model("contenttypes", "ContentType").objects.filter(app_label="core").exists()


@on_sqlite
@pytest.mark.parametrize(("is_granted", "left"), [(False, 0), (True, 1)])
def test_what_django_made_for_places_goes_unless_it_was_granted(phase3, baseline, is_granted, left):
    kind = phase3.get_model("contenttypes", "ContentType").objects.create(app_label="core", model="coursetask")
    permission = phase3.get_model("auth", "Permission").objects.create(content_type=kind, codename="view_coursetask")
    if is_granted:
        phase3.get_model("auth", "Group").objects.get().permissions.add(permission)
    go_to(LEGACY)
    assert baseline.get_model("contenttypes", "ContentType").objects.filter(app_label="core").count() == left


@on_sqlite
def test_a_new_database_needs_no_old_permissions(engine, django_db_blocker):
    with django_db_blocker.unblock(), engine.database("new"):
        call_command("migrate", verbosity=0)
        labels = {label for _, label, _ in rows()["django_content_type"]}
    assert labels == {"auth", "authtoken", "contenttypes", "core", "users"}
