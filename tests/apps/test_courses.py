import pytest

from core.exceptions import Invalid
from core.models import Course
from learning.repositories import CourseRepository
from learning.services import CourseService
from tests.apps.problems import detail, wrong
from tests.factories import CourseFactory, LearningTaskFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_a_list_shows_courses_with_instructor_and_tasks_in_order(student):
    second, first = LearningTaskFactory(), LearningTaskFactory()
    course = CourseFactory(tasks=[first, second])
    assert student.get("courses/").json()["results"] == [
        {
            "id": course.pk,
            "title": course.title,
            "description": "",
            "instructor": {
                "id": course.instructor.pk,
                "username": course.instructor.username,
                "first_name": "Ada",
                "last_name": "Lovelace",
            },
            "tasks": [{"id": task.pk, "title": task.title, "difficulty_level": "beginner"} for task in (first, second)],
            "task_count": 2,
        }
    ]


def test_a_course_shows_its_tasks_in_full(student):
    task = LearningTaskFactory()
    course = CourseFactory(tasks=[task], instructor=None)
    shown = student.get(f"courses/{course.pk}/").json()
    assert shown["tasks"] == [student.get(f"learning-tasks/{task.pk}/").json()]
    assert shown["instructor"] is None


def test_who_creates_courses(people):
    statuses = {role: person.post("courses/", title=role).status_code for role, person in people.items()}
    assert statuses == {"student": 403, "instructor": 201, "administrator": 201}


def test_an_instructor_becomes_the_instructor_of_a_new_course(instructor):
    assert instructor.post("courses/", title="New").json()["instructor"]["id"] == instructor.user.pk


def test_only_an_administrator_chooses_the_instructor(administrator, instructor):
    other = CourseFactory().instructor
    refused = instructor.post("courses/", title="New", instructor=other.pk)
    assert detail(refused) == (403, "Only an administrator may choose the instructor.")
    assert administrator.post("courses/", title="New", instructor=other.pk).json()["instructor"]["id"] == other.pk


def test_every_wrong_value_is_named(administrator, student):
    CourseFactory(title="Taken")
    response = administrator.post("courses/", title="Taken", instructor=student.user.pk)
    assert wrong(response) == {
        "title": ["course with this title already exists."],
        "instructor": [f'Invalid pk "{student.user.pk}" - object does not exist.'],
    }


def test_a_title_that_another_request_takes_meanwhile_is_refused(administrator):
    class Late(CourseRepository):
        def titled(self, title):
            return super().titled(title).none()

    CourseFactory(title="Taken")
    with pytest.raises(Invalid, match="already exists"):
        CourseService(Late()).create({"title": "Taken"}, actor=administrator.user)
    assert Course.objects.count() == 1


def test_who_changes_a_course(people, instructor):
    own, other = CourseFactory(instructor=instructor.user), CourseFactory()

    def statuses(course):
        return {
            role: each.patch(f"courses/{course.pk}/", description=role).status_code for role, each in people.items()
        }

    assert statuses(own) == {"student": 403, "instructor": 200, "administrator": 200}
    assert statuses(other) == {"student": 403, "instructor": 403, "administrator": 200}


def test_a_change_keeps_what_it_does_not_name(instructor):
    course = CourseFactory(title="Kept", instructor=instructor.user)
    created_at = Course.objects.get().created_at
    shown = instructor.patch(f"courses/{course.pk}/", description="New").json()
    assert (shown["title"], shown["description"]) == ("Kept", "New")
    assert Course.objects.get().created_at == created_at is not None


def test_a_course_may_keep_its_own_title_but_not_take_another(administrator):
    course, other = CourseFactory(), CourseFactory()
    assert administrator.patch(f"courses/{course.pk}/", title=course.title).status_code == 200
    assert list(wrong(administrator.patch(f"courses/{course.pk}/", title=other.title))) == ["title"]


def test_an_instructor_cannot_give_the_course_away(instructor, administrator):
    course = CourseFactory(instructor=instructor.user)
    assert instructor.patch(f"courses/{course.pk}/", instructor=None).status_code == 403
    assert administrator.patch(f"courses/{course.pk}/", instructor=None).json()["instructor"] is None


def test_only_administrators_delete_courses_and_tasks_survive(people):
    course = CourseFactory(tasks=[LearningTaskFactory()])
    statuses = {role: person.delete(f"courses/{course.pk}/").status_code for role, person in people.items()}
    assert statuses == {"student": 403, "instructor": 403, "administrator": 204}
    assert people["student"].get("learning-tasks/").json()["count"] == 1
    assert people["administrator"].delete(f"courses/{course.pk}/").status_code == 404


def test_a_task_is_added_as_the_last(instructor):
    late, early = LearningTaskFactory(), LearningTaskFactory()
    course = CourseFactory(instructor=instructor.user, tasks=[early])
    response = instructor.post(f"courses/{course.pk}/tasks/", task=late.pk)
    assert response.status_code == 201
    assert [task["id"] for task in response.json()["tasks"]] == [early.pk, late.pk]


def test_a_task_is_not_added_twice(administrator):
    task = LearningTaskFactory()
    course = CourseFactory(tasks=[task])
    response = administrator.post(f"courses/{course.pk}/tasks/", task=task.pk)
    assert detail(response) == (409, "The task is already part of this course.")


def test_what_is_unknown_is_not_added(administrator):
    course = CourseFactory()
    assert administrator.post(f"courses/{course.pk}/tasks/", task=999999).status_code == 404
    assert administrator.post("courses/999999/tasks/", task=LearningTaskFactory().pk).status_code == 404
    assert wrong(administrator.post(f"courses/{course.pk}/tasks/")) == {"task": ["This field is required."]}


def test_who_takes_a_task_out_of_a_course(people, instructor):
    task = LearningTaskFactory()
    own, other = CourseFactory(instructor=instructor.user, tasks=[task]), CourseFactory(tasks=[task])
    assert people["student"].delete(f"courses/{own.pk}/tasks/{task.pk}/").status_code == 403
    assert instructor.delete(f"courses/{other.pk}/tasks/{task.pk}/").status_code == 403
    assert instructor.delete(f"courses/{own.pk}/tasks/{task.pk}/").status_code == 204
    assert people["administrator"].get(f"courses/{own.pk}/").json()["tasks"] == []


def test_a_task_that_is_not_in_the_course_cannot_be_taken_out(administrator):
    response = administrator.delete(f"courses/{CourseFactory().pk}/tasks/{LearningTaskFactory().pk}/")
    assert detail(response) == (404, "The task is not part of this course.")


def test_a_course_outlives_its_instructor(administrator):
    course = CourseFactory()
    course.instructor.delete()
    assert administrator.get(f"courses/{course.pk}/").json()["instructor"] is None


def test_objects_are_named_for_people():
    course = CourseFactory(title="Logic", tasks=[LearningTaskFactory()])
    assert str(course) == "Logic"
    assert str(course.course_tasks.get()) == f"{course.pk}: {course.tasks.get().pk} at 1"
    assert UserFactory(username="ada").get_username() == "ada"
