from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessment.services import AssessmentService
from core.exceptions import Invalid, NotAllowed
from core.models import Submission
from tests.apps.problems import detail, wrong
from tests.factories import AssessmentTaskFactory, SubmissionFactory

pytestmark = pytest.mark.django_db


def test_only_students_hand_in(people):
    task = AssessmentTaskFactory()
    statuses = {
        role: person.post("submissions/", task=task.pk, content="Mine").status_code for role, person in people.items()
    }
    assert statuses == {"student": 201, "instructor": 403, "administrator": 403}


def test_a_submission_shows_its_user_and_task(student):
    task = AssessmentTaskFactory(title="Essay")
    shown = student.post("submissions/", task=task.pk, content="Mine").json()
    assert shown == student.get(f"submissions/{shown['id']}/").json()
    assert shown["user"] == {"id": student.user.pk, "username": "student"}
    assert shown["task"] == {"id": task.pk, "title": "Essay", "max_score": "10.00"}
    assert (shown["content"], shown["grade"], shown["passed"]) == ("Mine", None, None)


def test_a_task_is_handed_in_once(student):
    mine = SubmissionFactory(user=student.user, content="First")
    response = student.post("submissions/", task=mine.task.pk, content="Second")
    assert detail(response) == (409, "You have already submitted this task.")
    assert Submission.objects.get().content == "First"


def test_an_unknown_task_cannot_be_handed_in(student):
    response = student.post("submissions/", task=999999, content="Mine")
    assert list(wrong(response)) == ["task"]


def test_students_see_only_their_own(people):
    mine, other = SubmissionFactory(user=people["student"].user), SubmissionFactory()
    counts = {role: person.get("submissions/").json()["count"] for role, person in people.items()}
    assert counts == {"student": 1, "instructor": 2, "administrator": 2}
    assert people["student"].get(f"submissions/{mine.pk}/").status_code == 200
    assert people["student"].get(f"submissions/{other.pk}/").status_code == 404
    assert people["instructor"].get(f"submissions/{other.pk}/").status_code == 200


def test_submissions_come_with_their_task_or_without(student, django_assert_num_queries):
    mine = SubmissionFactory(user=student.user, task__title="Essay")
    SubmissionFactory()
    service = AssessmentService()
    with django_assert_num_queries(1):
        assert [each.task.title for each in service.submissions(actor=student.user)] == ["Essay"]
    with CaptureQueriesContext(connection) as queries:
        assert list(service.submissions(actor=student.user, with_details=False)) == [mine]
    assert "tasks_assessmenttask" not in queries[0]["sql"]


def test_the_list_is_filtered_by_task_and_user(instructor):
    one, two = SubmissionFactory(), SubmissionFactory()
    SubmissionFactory(user=one.user, task=two.task)
    assert instructor.get("submissions/", task=two.task.pk).json()["count"] == 2
    assert instructor.get("submissions/", user=one.user.pk).json()["count"] == 2
    assert instructor.get("submissions/", user=one.user.pk, task=two.task.pk).json()["count"] == 1
    assert wrong(instructor.get("submissions/", task="x")) == {"task": ["A valid integer is required."]}


def test_who_grades(people):
    submission = SubmissionFactory()
    statuses = {
        role: person.post(f"submissions/{submission.pk}/grade/", grade=7).status_code for role, person in people.items()
    }
    assert statuses == {"student": 403, "instructor": 200, "administrator": 200}


@pytest.mark.parametrize(("grade", "passed"), [("0.00", False), ("4.99", False), ("5.00", True), ("10.00", True)])
def test_a_grade_passes_from_the_passing_score_on(instructor, grade, passed):
    shown = instructor.post(f"submissions/{SubmissionFactory().pk}/grade/", grade=grade).json()
    assert (shown["grade"], shown["passed"]) == (grade, passed)


def test_a_grade_records_who_gave_it_and_when(instructor):
    submission = SubmissionFactory()
    instructor.post(f"submissions/{submission.pk}/grade/", grade=7)
    submission.refresh_from_db()
    assert submission.graded_by == instructor.user
    assert submission.graded_at > submission.submitted_at


@pytest.mark.parametrize("grade", ["10.01", "-1", "x", None, "1.234"])
def test_a_grade_outside_the_scale_is_refused(instructor, grade):
    submission = SubmissionFactory()
    response = instructor.post(f"submissions/{submission.pk}/grade/", grade=grade)
    assert list(wrong(response)) == ["grade"]
    submission.refresh_from_db()
    assert submission.grade is None


def test_an_unknown_submission_cannot_be_graded(instructor):
    assert instructor.post("submissions/999999/grade/", grade=1).status_code == 404


def test_grading_changes_nothing_but_the_grade(instructor):
    submission = SubmissionFactory(content="Before")
    stale = AssessmentService().gradable(submission.pk, actor=instructor.user)
    Submission.objects.filter(pk=submission.pk).update(content="After")
    AssessmentService().grade(stale.pk, Decimal(7), actor=instructor.user)
    submission.refresh_from_db()
    assert (submission.content, submission.grade) == ("After", 7)


def test_the_service_keeps_its_rules_without_the_views(student, instructor):
    submission = SubmissionFactory()
    with pytest.raises(NotAllowed):
        AssessmentService().grade(submission.pk, Decimal(1), actor=student.user)
    with pytest.raises(Invalid, match="maximum score"):
        AssessmentService().grade(submission.pk, Decimal(-1), actor=instructor.user)


def test_a_grade_outlives_its_grader(instructor):
    submission = SubmissionFactory()
    instructor.post(f"submissions/{submission.pk}/grade/", grade=7)
    instructor.user.delete()
    submission.refresh_from_db()
    assert (submission.grade, submission.graded_by) == (7, None)


def test_objects_are_named_for_people():
    submission = SubmissionFactory()
    assert str(submission) == f"{submission.user.pk}: {submission.task.pk}"
