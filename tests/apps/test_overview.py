import pytest

from tests.factories import QuizFactory, QuizTaskFactory, SubmissionFactory, UserProgressFactory

pytestmark = pytest.mark.django_db


def test_a_learner_sees_their_own_work_in_numbers(student):
    SubmissionFactory(user=student.user)
    SubmissionFactory(user=student.user, grade="2.50", task__max_score=5, task__passing_score=3)
    SubmissionFactory(user=student.user, grade="10.00")
    UserProgressFactory(user=student.user, total_score="2.50")
    UserProgressFactory(user=student.user, total_score="7.00", is_completed=True)
    SubmissionFactory(grade=1)
    UserProgressFactory(total_score=100)
    assert student.get("users/me/overview/").json() == {
        "submissions": {"count": 3, "graded": 2, "passed": 1, "average_percent": "75.00"},
        "quizzes": {"started": 2, "completed": 1, "points": "9.50"},
    }


def test_who_has_done_nothing_has_no_average(people):
    for person in people.values():
        assert person.get("users/me/overview/").json() == {
            "submissions": {"count": 0, "graded": 0, "passed": 0, "average_percent": None},
            "quizzes": {"started": 0, "completed": 0, "points": "0.00"},
        }


def test_a_task_without_points_spoils_no_average(student):
    SubmissionFactory(user=student.user, grade=0, task__max_score=0, task__passing_score=0)
    SubmissionFactory(user=student.user, grade=1, task__max_score=3)
    shown = student.get("users/me/overview/").json()["submissions"]
    assert (shown["graded"], shown["average_percent"]) == (2, "33.33")


def test_what_the_quiz_gives_is_what_the_overview_sums(student):
    task = QuizTaskFactory(max_score="2.25")
    quiz = QuizFactory(tasks=[task])
    student.post(f"quizzes/{quiz.pk}/complete/", task=task.pk)
    assert student.get("users/me/overview/").json()["quizzes"] == {"started": 1, "completed": 1, "points": "2.25"}
