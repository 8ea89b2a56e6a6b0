import pytest
from rest_framework.test import APIClient

from learning.models import Course
from paging import last
from seeding import factories
from tasks.models import LearningTask
from users.models import User


@pytest.fixture
def tasks(db: None) -> list[LearningTask]:
    return factories.LearningTaskFactory.create_batch(3)


@pytest.fixture
def course(instructor: User, tasks: list[LearningTask]) -> Course:
    return factories.CourseFactory(title="Théorie des graphes", instructor=instructor, tasks=tasks[:2])


def test_a_listed_course_names_its_instructor_and_tasks(
    course: Course, instructor: User, tasks: list[LearningTask], as_student: APIClient
) -> None:
    [listed] = last(as_student, "/api/courses/")
    assert listed == {
        "id": course.pk,
        "title": "Théorie des graphes",
        "description": course.description,
        "instructor": {
            "id": instructor.pk,
            "username": instructor.username,
            "first_name": instructor.first_name,
            "last_name": instructor.last_name,
        },
        "tasks": [
            {"id": task.pk, "title": task.title, "difficulty_level": task.difficulty_level} for task in tasks[:2]
        ],
        "task_count": 2,
    }


def test_a_shown_course_has_its_tasks_in_full(course: Course, as_student: APIClient) -> None:
    [listed] = last(as_student, "/api/courses/")
    shown = as_student.get(f"/api/courses/{course.pk}/").json()
    assert shown["tasks"] == [as_student.get(f"/api/learning-tasks/{task['id']}/").json() for task in listed["tasks"]]
    assert {**shown, "tasks": listed["tasks"]} == listed


def test_tasks_of_a_course_are_in_the_order_of_their_ids(tasks: list[LearningTask], as_student: APIClient) -> None:
    course = factories.CourseFactory()
    for task in reversed(tasks):
        course.tasks.add(task)
    shown = as_student.get(f"/api/courses/{course.pk}/").json()
    assert [task["id"] for task in shown["tasks"]] == [task.pk for task in tasks]


def test_an_instructor_becomes_the_instructor_of_a_new_course(as_instructor: APIClient, instructor: User) -> None:
    response = as_instructor.post("/api/courses/", {"title": "Logik", "description": "¬"})
    assert response.status_code == 201
    created = response.json()
    assert (created["instructor"]["id"], created["tasks"], created["task_count"]) == (instructor.pk, [], 0)
    assert as_instructor.get(f"/api/courses/{created['id']}/").json() == created


def test_an_instructor_cannot_give_courses_to_others(as_instructor: APIClient, course: Course) -> None:
    other = factories.UserFactory(instructor=True).pk
    assert as_instructor.post("/api/courses/", {"title": "Logik", "instructor": other}).status_code == 403
    assert as_instructor.patch(f"/api/courses/{course.pk}/", {"instructor": other}).status_code == 403
    assert as_instructor.patch(f"/api/courses/{course.pk}/", {"instructor": None}).status_code == 403
    own = {"instructor": course.instructor_id, "description": "Same."}
    assert as_instructor.patch(f"/api/courses/{course.pk}/", own).status_code == 200
    course.refresh_from_db()
    assert course.instructor_id == own["instructor"]


def test_an_administrator_chooses_the_instructor_or_none(as_administrator: APIClient, instructor: User) -> None:
    taught = as_administrator.post("/api/courses/", {"title": "Logik", "instructor": instructor.pk}).json()
    untaught = as_administrator.post("/api/courses/", {"title": "Ethik"}).json()
    assert (taught["instructor"]["id"], untaught["instructor"]) == (instructor.pk, None)
    changed = as_administrator.patch(f"/api/courses/{taught['id']}/", {"instructor": None}).json()
    assert changed["instructor"] is None


def test_a_student_cannot_be_made_the_instructor(as_administrator: APIClient, student: User) -> None:
    response = as_administrator.post("/api/courses/", {"title": "Logik", "instructor": student.pk})
    assert (response.status_code, list(response.json())) == (400, ["instructor"])


def test_titles_of_courses_are_unique(course: Course, as_administrator: APIClient) -> None:
    other = factories.CourseFactory()
    created = as_administrator.post("/api/courses/", {"title": course.title})
    changed = as_administrator.patch(f"/api/courses/{other.pk}/", {"title": course.title})
    for response in (created, changed):
        assert (response.status_code, list(response.json())) == (400, ["title"])
    assert as_administrator.patch(f"/api/courses/{course.pk}/", {"title": course.title}).status_code == 200


@pytest.mark.parametrize("title", ["", " ", None, "x" * 201])
def test_a_course_needs_a_title(title: str | None, as_instructor: APIClient, course: Course) -> None:
    assert list(as_instructor.post("/api/courses/", {"title": title}).json()) == ["title"]
    assert list(as_instructor.patch(f"/api/courses/{course.pk}/", {"title": title}).json()) == ["title"]


def test_a_change_leaves_the_rest_alone(as_instructor: APIClient, course: Course) -> None:
    before = as_instructor.get(f"/api/courses/{course.pk}/").json()
    changed = as_instructor.patch(f"/api/courses/{course.pk}/", {"description": "Ünï"}).json()
    assert changed == {**before, "description": "Ünï"}
    assert as_instructor.patch(f"/api/courses/{course.pk}/", {}).json() == changed


def test_a_deleted_course_leaves_its_tasks(
    as_administrator: APIClient, course: Course, tasks: list[LearningTask]
) -> None:
    assert as_administrator.delete(f"/api/courses/{course.pk}/").status_code == 204
    assert as_administrator.get(f"/api/courses/{course.pk}/").status_code == 404
    assert LearningTask.objects.filter(pk__in=[task.pk for task in tasks]).count() == 3
    assert as_administrator.delete(f"/api/courses/{course.pk}/").status_code == 404


def test_a_course_outlives_its_instructor(course: Course, instructor: User, as_student: APIClient) -> None:
    instructor.delete()
    assert as_student.get(f"/api/courses/{course.pk}/").json()["instructor"] is None


def test_a_task_is_added_once_and_removed_once(
    as_instructor: APIClient, course: Course, tasks: list[LearningTask]
) -> None:
    path = f"/api/courses/{course.pk}/tasks/"
    added = as_instructor.post(path, {"task": tasks[2].pk})
    assert (added.status_code, added.json()["task_count"]) == (201, 3)
    assert added.json() == as_instructor.get(f"/api/courses/{course.pk}/").json()
    assert as_instructor.post(path, {"task": tasks[2].pk}).status_code == 409
    assert as_instructor.delete(f"{path}{tasks[2].pk}/").status_code == 204
    assert as_instructor.delete(f"{path}{tasks[2].pk}/").status_code == 404
    assert set(course.tasks.all()) == set(tasks[:2])


@pytest.mark.parametrize(("task", "status"), [(0, 404), (2**80, 404), (None, 400), ("x", 400), (True, 400)])
def test_only_a_task_that_exists_is_added(task: object, status: int, as_instructor: APIClient, course: Course) -> None:
    assert as_instructor.post(f"/api/courses/{course.pk}/tasks/", {"task": task}).status_code == status
    assert course.tasks.count() == 2


def test_nothing_is_added_to_or_removed_from_an_unknown_course(as_administrator: APIClient, tasks: list) -> None:
    assert as_administrator.post("/api/courses/0/tasks/", {"task": tasks[0].pk}).status_code == 404
    assert as_administrator.delete(f"/api/courses/0/tasks/{tasks[0].pk}/").status_code == 404
