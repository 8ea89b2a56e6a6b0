"""No list and no page needs more queries when there is more to show."""

import pytest

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

SIZES = (1, 2, 5)
LISTS = {
    "users/": 3,
    "courses/": 3,
    "learning-tasks/": 4,
    "assessment-tasks/": 3,
    "quiz-tasks/": 3,
    "submissions/": 3,
    "quizzes/": 3,
    "progress/": 3,
}
NESTED = {
    "courses/{course}/tasks/": 5,
    "courses/{course}/overview/": 3,
    "assessment-tasks/{task}/submissions/": 3,
    "users/me/overview/": 3,
}
PAGES = {
    Course: ("courses/{}/", 4),
    LearningTask: ("learning-tasks/{}/", 3),
    Submission: ("submissions/{}/", 2),
    Quiz: ("quizzes/{}/", 3),
    UserProgress: ("progress/{}/", 2),
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
def test_a_list_needs_as_many_queries_for_many_objects_as_for_one(administrator, path, queries):
    growth = queries.grow(populate=fill, run=lambda: administrator.get(path), sizes=SIZES)
    fill(3)
    with queries(exactly=LISTS[path]):
        assert administrator.get(path).json()["count"] >= 3

    assert growth.formula == str(LISTS[path])


@pytest.mark.parametrize("model", PAGES)
def test_a_page_needs_as_many_queries_for_a_big_object_as_for_a_small_one(administrator, model, queries):
    path, budget = PAGES[model]
    for times in (1, 5):
        fill(times)
        page = path.format(model.objects.earliest("pk").pk)
        with queries(exactly=budget):
            assert administrator.get(page).status_code == 200


@pytest.mark.parametrize("path", NESTED)
def test_what_belongs_to_one_object_needs_as_many_queries_when_there_is_more(administrator, path, queries):
    for times in (1, 5):
        fill(times)
        task = Submission.objects.earliest("pk").task
        SubmissionFactory.create_batch(times, task=task)
        page = path.format(course=Course.objects.earliest("pk").pk, task=task.pk)
        with queries(exactly=NESTED[path]):
            assert administrator.get(page).status_code == 200


def test_students_pay_no_more_for_their_own(student, queries):
    SubmissionFactory.create_batch(3, user=student.user)
    with queries(exactly=3):
        assert student.get("submissions/").json()["count"] == 3


POINTS = {"max_score": "10.00", "passing_score": "5.00"}


@pytest.fixture
def writes(student, instructor):
    """Every change: who, method, path, body, and how many statements it runs."""
    fill(2)
    course = CourseFactory(instructor=instructor.user, tasks=LearningTaskFactory.create_batch(3))
    backwards = list(course.course_tasks.order_by("-position").values_list("task_id", flat=True))
    done, todo = QuizTaskFactory.create_batch(2)
    quiz = UserProgressFactory(user=student.user, quiz=QuizFactory(tasks=[done, todo]), completed=[done]).quiz
    grades = [{"submission": each.pk, "grade": 1} for each in SubmissionFactory.create_batch(5)]
    mine, other = SubmissionFactory(user=student.user), SubmissionFactory()
    reading, essay, question = LearningTaskFactory(), AssessmentTaskFactory(), QuizTaskFactory()
    return {
        "create course": (instructor, "post", "courses/", {"title": "New"}, 3),
        "change course": (instructor, "patch", f"courses/{course.pk}/", {"description": "New"}, 6),
        "rename course": (instructor, "patch", f"courses/{course.pk}/", {"title": "New"}, 7),
        "add task": (instructor, "post", f"courses/{course.pk}/tasks/", {"task": reading.pk}, 8),
        "reorder": (instructor, "put", f"courses/{course.pk}/tasks/", {"tasks": backwards}, 7),
        "remove task": (instructor, "delete", f"courses/{course.pk}/tasks/{backwards[0]}/", {}, 4),
        "create learning task": (instructor, "post", "learning-tasks/", {"title": "New"}, 2),
        "create assessment task": (instructor, "post", "assessment-tasks/", {"title": "New", **POINTS}, 2),
        "create quiz task": (instructor, "post", "quiz-tasks/", {"title": "New", "time_limit": 1, **POINTS}, 3),
        "submit": (student, "post", "submissions/", {"task": essay.pk, "content": "Mine"}, 3),
        "resubmit": (student, "put", f"submissions/{mine.pk}/", {"content": "Better"}, 4),
        "grade": (instructor, "post", f"submissions/{other.pk}/grade/", {"grade": 1}, 4),
        "grade many": (instructor, "post", "submissions/grades/", {"grades": grades}, 3),
        "create quiz": (instructor, "post", "quizzes/", {"title": "New"}, 3),
        "add quiz task": (instructor, "post", f"quizzes/{quiz.pk}/tasks/", {"task": question.pk}, 7),
        "complete": (student, "post", f"quizzes/{quiz.pk}/complete/", {"task": todo.pk}, 8),
    }


WRITES = [
    "create course", "change course", "rename course", "add task", "reorder", "remove task", "create learning task",
    "create assessment task", "create quiz task", "submit", "resubmit", "grade", "grade many", "create quiz",
    "add quiz task", "complete",
]  # fmt: skip


@pytest.mark.parametrize("operation", WRITES)
def test_a_change_keeps_its_budget(writes, operation, queries):
    person, method, path, body, budget = writes[operation]
    with queries(exactly=budget):
        assert getattr(person, method)(path, **body).status_code in (200, 201, 204)


def test_every_change_has_a_budget(writes):
    assert sorted(writes) == sorted(WRITES)
