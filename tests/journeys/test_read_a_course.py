"""A course is read at the same cost, however many tasks it has."""

import pytest

from core.models import CourseTask
from tests.factories import LearningTaskFactory
from tests.journeys.conftest import made


@pytest.fixture
def course(instructor):
    """A course, and what gives it as many tasks as wanted."""
    course = made(instructor.post("courses/", title=f"Course of {instructor.token}"))

    def grow(tasks):
        for position in range(tasks):
            CourseTask.objects.create(course_id=course, task=LearningTaskFactory(), position=position)
        return course

    return grow


def test_a_course_of_five_tasks_costs_what_one_of_two_costs(queries, course, student):
    path = f"courses/{course(2)}/"
    with queries(at_most=4) as of_two:
        assert len(student.get(path).body["tasks"]) == 2
    course(3)
    with queries(exactly=of_two.total):
        assert len(student.get(path).body["tasks"]) == 5
    assert of_two.total > 0


@pytest.mark.queries(n_plus_one=0)
@pytest.mark.parametrize("platform", ["careless"], indirect=True)
def test_a_query_for_each_task_would_be_noticed(queries, course, student):
    path = f"courses/{course(3)}/"
    with (
        pytest.raises(pytest.fail.Exception, match="3 x SELECT … FROM tasks_learningtask"),
        queries(at_most=4) as asked,
    ):
        assert student.get(path).status == 200
    assert [each["most"] for each in asked.repeated] == [3]
