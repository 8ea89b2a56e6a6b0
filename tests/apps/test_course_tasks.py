"""The order of a course's tasks, and a course in numbers."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.models import CourseTask
from learning.repositories import CourseRepository
from learning.services import CourseService
from tests.apps.problems import detail, wrong
from tests.factories import CourseFactory, LearningTaskFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def course(instructor):
    """A course of the instructor with three tasks, not in the order of their ids."""
    first, second, third = LearningTaskFactory.create_batch(3)
    return CourseFactory(instructor=instructor.user, tasks=[third, first, second])


def order(course):
    return list(course.course_tasks.order_by("position").values_list("task_id", flat=True))


def test_everybody_sees_the_tasks_in_order_with_their_places(people, course):
    for person in people.values():
        shown = person.get(f"courses/{course.pk}/tasks/").json()
        places = [(each["position"], each["task"]["id"]) for each in shown["results"]]
        assert places == list(enumerate(order(course), 1))
    assert shown["results"][0]["task"] == people["student"].get(f"learning-tasks/{order(course)[0]}/").json()
    assert people["student"].get("courses/999999/tasks/").status_code == 404


def test_places_count_on_from_page_to_page_and_have_no_gaps(student, instructor, course):
    instructor.delete(f"courses/{course.pk}/tasks/{order(course)[0]}/")
    page = student.get(f"courses/{course.pk}/tasks/", page=2, page_size=1).json()
    assert (page["count"], page["results"][0]["position"]) == (2, 2)


def test_who_reorders_tasks(people, course):
    other = CourseFactory(tasks=LearningTaskFactory.create_batch(2))

    def statuses(course):
        return {
            role: each.put(f"courses/{course.pk}/tasks/", tasks=order(course)[::-1]).status_code
            for role, each in people.items()
        }

    assert statuses(course) == {"student": 403, "instructor": 200, "administrator": 200}
    assert statuses(other) == {"student": 403, "instructor": 403, "administrator": 200}


def test_tasks_are_shown_in_their_new_order_everywhere(instructor, course):
    wanted = order(course)[::-1]
    shown = instructor.put(f"courses/{course.pk}/tasks/", tasks=wanted).json()
    assert [task["id"] for task in shown["tasks"]] == wanted == order(course)
    assert [task["id"] for task in instructor.get("courses/").json()["results"][0]["tasks"]] == wanted
    listed = instructor.get(f"courses/{course.pk}/tasks/").json()["results"]
    assert [each["task"]["id"] for each in listed] == wanted


def test_only_exactly_the_tasks_of_the_course_are_reordered(instructor, course):
    before = order(course)
    for ids in (before[:2], [*before, LearningTaskFactory().pk], []):
        status, sentence = detail(instructor.put(f"courses/{course.pk}/tasks/", tasks=ids))
        assert (status, sentence) == (409, "These are not exactly the tasks of the course; load them again.")
    twice = instructor.put(f"courses/{course.pk}/tasks/", tasks=[*before, before[0]])
    assert wrong(twice) == {"tasks": [f"The task {before[0]} is named twice."]}
    assert order(course) == before


@pytest.mark.parametrize("tasks", [None, "x", ["x"], list(range(1001)), {"a": 1}])
def test_an_order_that_makes_no_sense_is_refused(instructor, course, tasks):
    response = instructor.put(f"courses/{course.pk}/tasks/", tasks=tasks)
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"].partition(".")[0] == "tasks"


def test_reordering_writes_only_the_tasks_that_move(course, queries):
    places = CourseRepository().bare_places(course)
    with queries(exactly=0):
        CourseRepository().arrange(places)


def test_a_new_task_comes_after_a_gap(instructor, course):
    instructor.delete(f"courses/{course.pk}/tasks/{order(course)[1]}/")
    before, new = order(course), LearningTaskFactory()
    instructor.post(f"courses/{course.pk}/tasks/", task=new.pk)
    assert order(course) == [*before, new.pk]
    assert list(CourseTask.objects.order_by("position").values_list("position", flat=True)) == [1, 2, 3]


def test_a_course_in_numbers(student):
    soon, late = timezone.now() + timedelta(days=1), timezone.now() - timedelta(days=1)
    shared = LearningTaskFactory(difficulty_level="advanced", due_date=soon)
    course = CourseFactory(title="Logic", tasks=[shared, LearningTaskFactory(due_date=late), LearningTaskFactory()])
    CourseFactory.create_batch(2, tasks=[shared])
    assert student.get(f"courses/{course.pk}/overview/").json() == {
        "id": course.pk,
        "title": "Logic",
        "task_count": 3,
        "beginner_task_count": 2,
        "intermediate_task_count": 0,
        "advanced_task_count": 1,
        "shared_task_count": 1,
        "average_courses_per_task": "1.67",
        "overdue_task_count": 1,
        "next_due_date": soon.isoformat().replace("+00:00", "Z"),
    }
    assert student.get("courses/999999/overview/").status_code == 404


def test_a_course_without_tasks_has_no_average(student):
    shown = student.get(f"courses/{CourseFactory().pk}/overview/").json()
    assert (shown["task_count"], shown["average_courses_per_task"], shown["next_due_date"]) == (0, None, None)


def test_the_service_is_asked_for_a_course_that_is_there(instructor, course):
    assert [place.place for place in CourseService().tasks(course.pk)] == [1, 2, 3]
    assert CourseService().overview(course.pk)["task_count"] == 3
