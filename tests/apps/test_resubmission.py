import pytest

from core.models import Submission
from tests.apps.problems import detail, wrong
from tests.factories import SubmissionFactory

pytestmark = pytest.mark.django_db


def test_a_student_hands_in_again_until_it_is_graded(student, instructor):
    mine = SubmissionFactory(user=student.user, content="First")
    shown = student.put(f"submissions/{mine.pk}/", content="Second").json()
    assert shown == student.get(f"submissions/{mine.pk}/").json()
    assert shown["content"] == "Second"
    instructor.post(f"submissions/{mine.pk}/grade/", grade=3)
    assert detail(student.put(f"submissions/{mine.pk}/", content="Third")) == (
        409,
        "The submission has been graded already.",
    )
    assert Submission.objects.get().content == "Second"


def test_the_time_is_that_of_the_newest_content(student):
    mine = SubmissionFactory(user=student.user)
    student.put(f"submissions/{mine.pk}/", content="Second")
    assert Submission.objects.get().submitted_at > mine.submitted_at


def test_nobody_changes_what_somebody_else_handed_in(people):
    other = SubmissionFactory(content="Theirs")
    statuses = {role: each.put(f"submissions/{other.pk}/", content="Mine").status_code for role, each in people.items()}
    assert statuses == {"student": 404, "instructor": 403, "administrator": 403}
    assert Submission.objects.get().content == "Theirs"


def test_whether_something_is_there_is_not_told_to_those_who_may_not_see_it(student):
    theirs = SubmissionFactory(grade=1)
    answers = [student.put(f"submissions/{pk}/", content="Mine") for pk in (theirs.pk, 999999)]
    assert [detail(answer) for answer in answers] == [(404, "No Submission matches the given query.")] * 2


@pytest.mark.parametrize("content", ["", "   ", None, "x" * 100_001, ["x"]])
def test_content_that_says_nothing_or_too_much_is_refused(student, content):
    mine = SubmissionFactory(user=student.user)
    assert list(wrong(student.put(f"submissions/{mine.pk}/", content=content))) == ["content"]


def test_neither_task_nor_grade_are_changed_by_handing_in_again(student):
    mine, other = SubmissionFactory(user=student.user), SubmissionFactory()
    shown = student.put(f"submissions/{mine.pk}/", content="Second", task=other.task.pk, grade="10.00").json()
    assert (shown["task"]["id"], shown["grade"]) == (mine.task.pk, None)
