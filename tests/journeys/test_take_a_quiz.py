"""A quiz, from the first question to the last."""

import pytest


@pytest.mark.queries(at_most=43)
def test_take_a_quiz_to_the_end(somebody, student, quiz, questions):
    first, *rest = questions
    begun = student.post(f"quizzes/{quiz}/complete/", task=first)
    assert (begun.status, begun.body["total_score"], begun.body["percent"]) == (200, "1.00", 33)
    assert student.post(f"quizzes/{quiz}/complete/", task=first).body == begun.body

    for question in rest:
        assert not student.get(f"progress/{begun.body['id']}/").body["is_completed"]
        done = student.post(f"quizzes/{quiz}/complete/", task=question)

    assert (done.body["total_score"], done.body["percent"], done.body["is_completed"]) == ("6.00", 100, True)
    assert student.get(f"progress/{begun.body['id']}/").body == done.body
    assert somebody().get("progress/").body["count"] == 0


def test_a_task_of_another_quiz_does_not_count(student, instructor, quiz):
    task = instructor.post("quiz-tasks/", title="Stray", max_score="1", passing_score="0", time_limit=5).body["id"]
    assert student.post(f"quizzes/{quiz}/complete/", task=task).status == 400
    assert student.get("progress/").body["count"] == 0
