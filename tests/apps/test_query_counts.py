"""No list and no page needs more queries when there is more to show."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import Course, LearningTask, Quiz, Submission, UserProgress
from tests.factories import (
    AssessmentTaskFactory,
    CourseFactory,
    LearningTaskFactory,
    QuizFactory,
    QuizTaskFactory,
    SubmissionFactory,
    UserProgressFactory,
)

pytestmark = pytest.mark.django_db

LISTS = {
    "users/": 3,
    "courses/": 4,
    "learning-tasks/": 4,
    "assessment-tasks/": 3,
    "quiz-tasks/": 3,
    "submissions/": 3,
    "quizzes/": 3,
    "progress/": 5,
}
PAGES = {
    Course: ("courses/{}/", 5),
    LearningTask: ("learning-tasks/{}/", 3),
    Submission: ("submissions/{}/", 2),
    Quiz: ("quizzes/{}/", 3),
    UserProgress: ("progress/{}/", 4),
}


def fill(times):
    """Adds to everything: more objects, and more inside the first ones."""
    for _ in range(times):
        quiz_task = QuizTaskFactory()
        CourseFactory(tasks=LearningTaskFactory.create_batch(2))
        SubmissionFactory(task=quiz_task.assessmenttask_ptr)
        UserProgressFactory(quiz=QuizFactory(tasks=[quiz_task]), completed=[quiz_task])
        Course.objects.earliest("pk").course_tasks.create(task=LearningTaskFactory(), position=9)
        LearningTask.objects.earliest("pk").course_tasks.create(course=CourseFactory(), position=9)
        Quiz.objects.earliest("pk").tasks.add(quiz_task)
        UserProgress.objects.earliest("pk").completed_tasks.add(quiz_task)


@pytest.mark.parametrize("path", LISTS)
def test_a_list_needs_as_many_queries_for_many_objects_as_for_one(administrator, path, django_assert_num_queries):
    for times in (1, 5):
        fill(times)
        with django_assert_num_queries(LISTS[path]):
            assert administrator.get(path).json()["count"] >= times


@pytest.mark.parametrize("model", PAGES)
def test_a_page_needs_as_many_queries_for_a_big_object_as_for_a_small_one(
    administrator, model, django_assert_num_queries
):
    path, queries = PAGES[model]
    for times in (1, 5):
        fill(times)
        page = path.format(model.objects.earliest("pk").pk)
        with django_assert_num_queries(queries):
            assert administrator.get(page).status_code == 200


def test_students_pay_no_more_for_their_own(student, django_assert_num_queries):
    SubmissionFactory.create_batch(3, user=student.user)
    with django_assert_num_queries(3):
        assert student.get("submissions/").json()["count"] == 3


@pytest.fixture
def writes(student, administrator):
    course, quiz, task = CourseFactory(), QuizFactory(), QuizTaskFactory()
    quiz.tasks.add(task)
    return {
        "create course": (administrator, "courses/", {"title": "New"}, 5),
        "add task to course": (administrator, f"courses/{course.pk}/tasks/", {"task": LearningTaskFactory().pk}, 11),
        "create submission": (student, "submissions/", {"task": AssessmentTaskFactory().pk, "content": "Mine"}, 3),
        "grade submission": (administrator, f"submissions/{SubmissionFactory().pk}/grade/", {"grade": 1}, 4),
        "complete quiz task": (student, f"quizzes/{quiz.pk}/complete/", {"task": task.pk}, 12),
    }


@pytest.mark.parametrize(
    "operation",
    ["create course", "add task to course", "create submission", "grade submission", "complete quiz task"],
)
def test_a_change_keeps_its_budget(writes, operation):
    fill(5)
    person, path, body, budget = writes[operation]
    with CaptureQueriesContext(connection) as queries:
        assert person.post(path, **body).status_code in (200, 201)
    statements = [query["sql"] for query in queries if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(statements) <= budget
