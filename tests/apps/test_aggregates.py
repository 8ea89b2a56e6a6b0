"""Children as rows of their parent, on both databases."""

import pytest
from django.db.models import OuterRef

from core.aggregates import rows_of
from core.models import Course, CourseTask
from tests.apps.databases import go_to, leaves
from tests.factories import CourseFactory, LearningTaskFactory


@pytest.fixture
def current(engine, django_db_blocker):
    """An empty database with the newest schema."""
    with django_db_blocker.unblock(), engine.database("rows of children"):
        go_to(leaves())
        yield


def test_children_come_as_rows_in_ascending_order(current):
    tasks = [LearningTaskFactory(title=title) for title in ("ä 'quoted'", "b", "c")]
    course, empty = CourseFactory(tasks=tasks[::-1]), CourseFactory()
    places = CourseTask.objects.filter(course=OuterRef("pk"))
    found = Course.objects.annotate(
        keys=rows_of(places, "course", "task"), shown=rows_of(places, "course", "position", "task__title")
    ).in_bulk()
    assert found[course.pk].keys == [task.pk for task in tasks]
    assert found[course.pk].shown == [[1, "c"], [2, "b"], [3, "ä 'quoted'"]]
    assert (found[empty.pk].keys, found[empty.pk].shown) == ([], [])
