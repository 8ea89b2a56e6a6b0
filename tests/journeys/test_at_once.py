"""Two people, or two hands, at once: nothing is lost, and what is left could have come about one after the other."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest

from core.models import Submission, UserProgress
from users.models import User

pytestmark = pytest.mark.postgres
ROUNDS = 6


@pytest.fixture
def platform(on_postgresql):
    """SQLite has one writer at a time anyway."""
    return on_postgresql


def at_once(*calls):
    """The answers of calls that start together."""
    barrier = Barrier(len(calls))

    def start(call):
        barrier.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(start, calls))


def test_two_graders_leave_the_grade_of_one(somebody, student, essay):
    graders = [somebody(User.Role.INSTRUCTOR), somebody(User.Role.INSTRUCTOR)]
    names = [grader.get("users/me/").body["id"] for grader in graders]
    mine = student.post("submissions/", task=essay, content="Mine").body["id"]
    for number in range(ROUNDS):
        grades = [f"{number}.10", f"{number}.20"]
        answers = at_once(
            partial(graders[0].post, f"submissions/{mine}/grade/", grade=grades[0]),
            partial(graders[1].post, f"submissions/{mine}/grade/", grade=grades[1]),
        )
        accepted = {
            (answer.body["grade"], name) for answer, name in zip(answers, names, strict=True) if answer.status == 200
        }
        assert {answer.status for answer in answers} <= {200, 409}, answers
        assert accepted <= set(zip(grades, names, strict=True))
        left = Submission.objects.get(pk=mine)
        assert (str(left.grade), left.graded_by_id) in accepted


def test_two_hands_complete_two_tasks_of_a_quiz(somebody, quiz, questions):
    for _ in range(ROUNDS):
        student = somebody()
        answers = at_once(*(partial(student.post, f"quizzes/{quiz}/complete/", task=task) for task in questions))
        assert [answer.status for answer in answers] == [200, 200, 200], answers
        (left,) = student.get("progress/").body["results"]
        assert (left["total_score"], left["percent"], left["is_completed"]) == ("6.00", 100, True)
        assert UserProgress.objects.get(pk=left["id"]).completed_at


def test_who_hands_in_twice_at_once_has_handed_in_once(somebody, instructor, essay):
    for _ in range(ROUNDS):
        student = somebody()
        answers = at_once(
            partial(student.post, "submissions/", task=essay, content="First"),
            partial(student.post, "submissions/", task=essay, content="Second"),
        )
        assert sorted(answer.status for answer in answers) == [201, 409], answers
        kept = next(answer.body["content"] for answer in answers if answer.status == 201)
        assert [one["content"] for one in student.get("submissions/").body["results"]] == [kept]


def test_a_task_that_two_add_to_a_course_is_added_once(somebody, instructor):
    administrator = somebody(User.Role.ADMINISTRATOR)
    course = instructor.post("courses/", title=f"Course of {instructor.token}").body["id"]
    for number in range(ROUNDS):
        task = instructor.post("learning-tasks/", title=f"Chapter {number}").body["id"]
        other = instructor.post("learning-tasks/", title=f"Appendix {number}").body["id"]
        answers = at_once(
            partial(instructor.post, f"courses/{course}/tasks/", task=task),
            partial(administrator.post, f"courses/{course}/tasks/", task=task),
            partial(administrator.post, f"courses/{course}/tasks/", task=other),
        )
        assert sorted(answer.status for answer in answers) == [201, 201, 409], answers
    shown = [task["id"] for task in instructor.get(f"courses/{course}/").body["tasks"]]
    assert len(shown) == len(set(shown)) == 2 * ROUNDS
