import pytest
from rest_framework.test import APIClient

from assessment.models import Quiz, UserProgress
from paging import last
from seeding import factories
from tasks.models import QuizTask
from users.models import User


def test_a_listed_quiz_counts_tasks_and_points(quiz: Quiz, as_student: APIClient) -> None:
    assert last(as_student, "/api/quizzes/") == [
        {"id": quiz.pk, "title": "Graphs", "description": quiz.description, "task_count": 3, "total_points": "35.50"}
    ]


def test_a_shown_quiz_has_its_tasks_in_full(quiz: Quiz, as_student: APIClient) -> None:
    [listed] = last(as_student, "/api/quizzes/")
    shown = as_student.get(f"/api/quizzes/{quiz.pk}/").json()
    assert shown == {**listed, "tasks": last(as_student, "/api/quiz-tasks/", 3)}


def test_a_new_quiz_is_empty(as_instructor: APIClient) -> None:
    response = as_instructor.post("/api/quizzes/", {"title": "Quiz", "tasks": [1]})
    assert response.status_code == 201
    created = response.json()
    assert (created["task_count"], created["total_points"], created["tasks"]) == (0, "0.00", [])
    assert as_instructor.get(f"/api/quizzes/{created['id']}/").json() == created


@pytest.mark.parametrize("title", ["", None, "x" * 201])
def test_a_quiz_needs_a_title(title: str | None, as_instructor: APIClient) -> None:
    response = as_instructor.post("/api/quizzes/", {"title": title})
    assert (response.status_code, list(response.json())) == (400, ["title"])


def test_a_task_is_added_to_a_quiz_once(quiz: Quiz, as_instructor: APIClient) -> None:
    task = factories.QuizTaskFactory(max_score="4.50", passing_score="0")
    path = f"/api/quizzes/{quiz.pk}/tasks/"
    added = as_instructor.post(path, {"task": task.pk})
    assert (added.status_code, added.json()["total_points"]) == (201, "40.00")
    assert [each["id"] for each in added.json()["tasks"]] == sorted(quiz.tasks.values_list("pk", flat=True))
    assert as_instructor.post(path, {"task": task.pk}).status_code == 409
    assert quiz.tasks.count() == 4


@pytest.mark.parametrize(("task", "status"), [(0, 404), (2**80, 404), (None, 400), ("x", 400)])
def test_only_a_quiz_task_that_exists_is_added(task: object, status: int, quiz: Quiz, as_instructor: APIClient) -> None:
    assert as_instructor.post(f"/api/quizzes/{quiz.pk}/tasks/", {"task": task}).status_code == status


def test_a_plain_assessment_task_is_not_added(quiz: Quiz, as_instructor: APIClient) -> None:
    task = factories.AssessmentTaskFactory()
    assert as_instructor.post(f"/api/quizzes/{quiz.pk}/tasks/", {"task": task.pk}).status_code == 404
    assert as_instructor.post("/api/quizzes/0/tasks/", {"task": task.pk}).status_code == 404


def test_completing_tasks_step_by_step_completes_the_quiz(
    quiz: Quiz, quiz_tasks: list[QuizTask], student: User, as_student: APIClient
) -> None:
    steps = []
    for task in quiz_tasks:
        response = as_student.post(f"/api/quizzes/{quiz.pk}/complete/", {"task": task.pk})
        assert response.status_code == 200
        steps.append([response.json()[key] for key in ("total_score", "is_completed", "percent")])
    assert steps == [["10.00", False, 33], ["30.50", False, 66], ["35.50", True, 100]]
    progress = UserProgress.objects.get(user=student)
    assert response.json() == {
        "id": progress.pk,
        "user": {"id": student.pk, "username": student.username},
        "quiz": {"id": quiz.pk, "title": "Graphs"},
        "completed_tasks": [task.pk for task in quiz_tasks],
        "total_score": "35.50",
        "is_completed": True,
        "percent": 100,
    }


def test_completing_a_task_again_changes_nothing(quiz: Quiz, quiz_tasks: list[QuizTask], as_student: APIClient) -> None:
    first, second = (
        as_student.post(f"/api/quizzes/{quiz.pk}/complete/", {"task": quiz_tasks[1].pk}).json() for _ in range(2)
    )
    assert first == second


def test_the_order_of_completing_does_not_matter(quiz: Quiz, quiz_tasks: list[QuizTask], as_student: APIClient) -> None:
    for task in reversed(quiz_tasks):
        progress = as_student.post(f"/api/quizzes/{quiz.pk}/complete/", {"task": task.pk}).json()
    assert progress["completed_tasks"] == [task.pk for task in quiz_tasks]


def test_students_progress_apart(quiz: Quiz, quiz_tasks: list[QuizTask], as_student: APIClient, as_user) -> None:
    as_student.post(f"/api/quizzes/{quiz.pk}/complete/", {"task": quiz_tasks[0].pk})
    other = as_user(factories.UserFactory())
    progress = other.post(f"/api/quizzes/{quiz.pk}/complete/", {"task": quiz_tasks[2].pk}).json()
    assert (progress["completed_tasks"], progress["total_score"]) == ([quiz_tasks[2].pk], "5.00")


def test_a_task_of_another_quiz_is_not_completed(quiz: Quiz, student: User, as_student: APIClient) -> None:
    stranger = factories.QuizTaskFactory()
    for task in (stranger.pk, 0, 2**80, None, "x"):
        response = as_student.post(f"/api/quizzes/{quiz.pk}/complete/", {"task": task})
        assert (response.status_code, list(response.json())) == (400, ["task"])
    assert as_student.post("/api/quizzes/0/complete/", {"task": stranger.pk}).status_code == 404
    assert not UserProgress.objects.filter(user=student).exists()


def test_a_task_added_later_lowers_the_percentage(
    quiz: Quiz, quiz_tasks: list[QuizTask], as_student: APIClient, as_instructor: APIClient
) -> None:
    for task in quiz_tasks:
        as_student.post(f"/api/quizzes/{quiz.pk}/complete/", {"task": task.pk})
    as_instructor.post(f"/api/quizzes/{quiz.pk}/tasks/", {"task": factories.QuizTaskFactory().pk})
    [progress] = as_student.get("/api/progress/").json()["results"]
    assert progress["percent"] == 75


def test_progress_is_shown_to_its_owner_and_to_teachers(
    quiz: Quiz, quiz_tasks: list[QuizTask], student: User, as_student: APIClient, as_instructor: APIClient
) -> None:
    progress = factories.UserProgressFactory(user=student, quiz=quiz, completed_tasks=quiz_tasks[:2])
    shown = as_student.get(f"/api/progress/{progress.pk}/").json()
    assert (shown["total_score"], shown["is_completed"], shown["percent"]) == ("30.50", False, 66)
    assert as_instructor.get(f"/api/progress/{progress.pk}/").json() == shown
    assert last(as_instructor, "/api/progress/") == [shown]


def test_progress_in_an_empty_quiz_is_nothing(as_student: APIClient, student: User) -> None:
    progress = factories.UserProgressFactory(user=student)
    assert as_student.get(f"/api/progress/{progress.pk}/").json()["percent"] == 0
