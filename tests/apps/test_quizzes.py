import pytest

from core.models import UserProgress
from tests.apps.problems import wrong
from tests.factories import AssessmentTaskFactory, QuizFactory, QuizTaskFactory, UserProgressFactory

pytestmark = pytest.mark.django_db


def test_a_list_shows_number_and_points_of_tasks(student):
    QuizFactory(title="Full", tasks=[QuizTaskFactory(max_score="2.50"), QuizTaskFactory(max_score="0.75")])
    QuizFactory(title="Empty")
    shown = [
        (each["title"], each["task_count"], each["total_points"]) for each in student.get("quizzes/").json()["results"]
    ]
    assert shown == [("Full", 2, "3.25"), ("Empty", 0, "0.00")]


def test_a_quiz_shows_its_tasks_by_id(student):
    tasks = QuizTaskFactory.create_batch(3)
    quiz = QuizFactory(tasks=reversed(tasks))
    assert student.get(f"quizzes/{quiz.pk}/").json()["tasks"] == student.get("quiz-tasks/").json()["results"]


def test_who_puts_quizzes_together(people):
    quiz, task = QuizFactory(), QuizTaskFactory()
    created = {role: person.post("quizzes/", title=role).status_code for role, person in people.items()}
    added = {role: each.post(f"quizzes/{quiz.pk}/tasks/", task=task.pk).status_code for role, each in people.items()}
    assert created == {"student": 403, "instructor": 201, "administrator": 201}
    assert added == {"student": 403, "instructor": 201, "administrator": 409}


def test_a_new_quiz_is_shown_with_its_tasks(instructor):
    quiz = instructor.post("quizzes/", title="New").json()
    assert (quiz["tasks"], quiz["total_points"]) == ([], "0.00")
    shown = instructor.post(f"quizzes/{quiz['id']}/tasks/", task=QuizTaskFactory().pk).json()
    assert (shown["task_count"], shown["total_points"], len(shown["tasks"])) == (1, "10.00", 1)


def test_what_is_unknown_is_not_added(instructor):
    quiz = QuizFactory()
    no_quiz_task = AssessmentTaskFactory()
    assert instructor.post(f"quizzes/{quiz.pk}/tasks/", task=no_quiz_task.pk).status_code == 404
    assert instructor.post("quizzes/999999/tasks/", task=QuizTaskFactory().pk).status_code == 404
    assert instructor.post(f"quizzes/{quiz.pk}/tasks/", task=10**20).status_code == 404


def test_completing_a_task_starts_the_progress(student):
    done, todo = QuizTaskFactory(max_score="2.50"), QuizTaskFactory()
    quiz = QuizFactory(title="Quiz", tasks=[done, todo])
    response = student.post(f"quizzes/{quiz.pk}/complete/", task=done.pk)
    assert response.status_code == 200
    assert response.json() == {
        "id": UserProgress.objects.get().pk,
        "user": {"id": student.user.pk, "username": "student"},
        "quiz": {"id": quiz.pk, "title": "Quiz"},
        "completed_tasks": [done.pk],
        "total_score": "2.50",
        "is_completed": False,
        "percent": 50,
    }


def test_completing_all_tasks_completes_the_quiz_once(student):
    tasks = QuizTaskFactory.create_batch(3)
    quiz = QuizFactory(tasks=tasks)
    shown = [student.post(f"quizzes/{quiz.pk}/complete/", task=task.pk).json() for task in tasks]
    assert [each["is_completed"] for each in shown] == [False, False, True]
    assert [each["percent"] for each in shown] == [33, 66, 100]
    completed_at = UserProgress.objects.get().completed_at
    assert student.post(f"quizzes/{quiz.pk}/complete/", task=tasks[0].pk).json() == shown[-1]
    assert UserProgress.objects.get().completed_at == completed_at is not None


def test_a_quiz_that_grows_is_open_again(student):
    first, second, third = QuizTaskFactory.create_batch(3)
    quiz = QuizFactory(tasks=[first])
    student.post(f"quizzes/{quiz.pk}/complete/", task=first.pk)
    quiz.tasks.add(second, third)
    shown = student.post(f"quizzes/{quiz.pk}/complete/", task=second.pk).json()
    assert (shown["is_completed"], UserProgress.objects.get().completed_at) == (False, None)


def test_only_tasks_of_the_quiz_are_completed(student):
    response = student.post(f"quizzes/{QuizFactory().pk}/complete/", task=QuizTaskFactory().pk)
    assert wrong(response) == {"task": ["The task is not part of this quiz."]}
    assert not UserProgress.objects.exists()
    assert student.post("quizzes/999999/complete/", task=1).status_code == 404


def test_only_students_work_through_quizzes(people):
    task = QuizTaskFactory()
    quiz = QuizFactory(tasks=[task])
    statuses = {
        role: each.post(f"quizzes/{quiz.pk}/complete/", task=task.pk).status_code for role, each in people.items()
    }
    assert statuses == {"student": 200, "instructor": 403, "administrator": 403}


def test_students_see_only_their_own_progress(people):
    mine, other = UserProgressFactory(user=people["student"].user), UserProgressFactory()
    counts = {role: person.get("progress/").json()["count"] for role, person in people.items()}
    assert counts == {"student": 1, "instructor": 2, "administrator": 2}
    assert people["student"].get(f"progress/{mine.pk}/").json()["percent"] == 0
    assert people["student"].get(f"progress/{other.pk}/").status_code == 404
    assert people["administrator"].get(f"progress/{other.pk}/").status_code == 200


def test_completed_tasks_that_left_the_quiz_do_not_count_as_progress(instructor):
    gone, stays = QuizTaskFactory.create_batch(2)
    UserProgressFactory(quiz=QuizFactory(tasks=[stays]), completed=[gone, stays])
    shown = instructor.get("progress/").json()["results"][0]
    assert (shown["percent"], shown["completed_tasks"]) == (100, [gone.pk, stays.pk])


def test_objects_are_named_for_people():
    progress = UserProgressFactory(quiz__title="Logic")
    assert str(progress) == f"{progress.user.pk}: {progress.quiz.pk}"
    assert str(progress.quiz) == "Logic"
