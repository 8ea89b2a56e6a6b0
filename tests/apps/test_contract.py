"""The contract migration of phase 6: what it removes, what it forbids, and that its reverse rebuilds all of it."""

import pytest
from django.db import IntegrityError, connection, transaction

from learning.repositories import CourseRepository
from tests.apps.baseline import ADOPTED, add_course
from tests.apps.databases import contents, go_to, leaves, phase_3, schema
from tests.apps.test_migrations import granted, on_sqlite, positions

OLD_LABELS = set(ADOPTED)


def labels(apps):
    return set(apps.get_model("contenttypes", "ContentType").objects.values_list("app_label", flat=True))


def permission(apps, label, codename):
    return apps.get_model("auth", "Permission").objects.get(content_type__app_label=label, codename=codename)


def test_going_back_rebuilds_schema_content_types_permissions_and_grants_under_the_same_keys(phase3):
    before = schema(), contents()
    go_to(leaves())
    assert (schema(), contents()) != before
    go_to(phase_3())
    assert (schema(), contents()) == before


@on_sqlite
def test_what_the_baseline_release_needed_is_gone(phase6):
    assert not labels(phase6) & OLD_LABELS
    assert granted(phase6, "core") == ["change_course", "view_submission"]


@on_sqlite
def test_nobody_loses_a_grant_that_was_made_under_the_old_name_since_phase_3(phase3):
    phase3.get_model("auth", "Group").objects.get().permissions.add(permission(phase3, "learning", "delete_course"))
    go_to(leaves())
    assert granted(phase3, "core") == ["change_course", "delete_course", "view_submission"]


@on_sqlite
def test_what_was_granted_and_revoked_meanwhile_is_so_after_going_back(phase6):
    group = phase6.get_model("auth", "Group").objects.get()
    group.permissions.remove(permission(phase6, "core", "change_course"))
    group.permissions.add(permission(phase6, "core", "delete_quiz"))
    go_to(phase_3())
    assert (granted(phase6, "learning"), granted(phase6, "assessment")) == ([], ["delete_quiz", "view_submission"])


@on_sqlite
def test_a_grant_of_somebody_who_is_gone_does_not_come_back(phase6):
    phase6.get_model("users", "User").objects.get().delete()
    go_to(phase_3())
    assert granted(phase6, "assessment") == []


def test_tasks_that_the_baseline_release_added_are_placed_as_they_were_shown(phase3, baseline):
    add_course(baseline, "Late", 2)
    course = phase3.get_model("core", "Course").objects.get(title="Course 0")
    task = phase3.get_model("core", "LearningTask").objects.create(title="behind")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO learning_course_tasks (course_id, learningtask_id) VALUES (%s, %s)", [course.pk, task.pk]
        )
    go_to(leaves())
    assert (positions("Late"), positions("Course 0")) == ([1, 2], [1, 2, 3, 4])


def test_a_task_without_a_place_is_refused(phase6, baseline):
    course = baseline.get_model("learning", "Course").objects.get(title="Course 0")
    task = baseline.get_model("tasks", "LearningTask").objects.create(title="new")
    with pytest.raises(IntegrityError), transaction.atomic():
        course.tasks.through.objects.create(course_id=course.pk, learningtask_id=task.pk)


@on_sqlite
def test_until_then_a_task_comes_after_those_that_the_baseline_release_added(phase3, baseline):
    course = add_course(baseline, "Late", 2)
    task = baseline.get_model("tasks", "LearningTask").objects.create(title="new")
    repository = CourseRepository()
    repository.place_last(repository.plain(course.pk), repository.task(task.pk))
    assert positions("Late") == [1, 2, 3]
