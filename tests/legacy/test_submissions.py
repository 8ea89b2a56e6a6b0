from datetime import datetime

import pytest
from rest_framework.test import APIClient

from assessment.models import Submission
from paging import count
from seeding import factories
from tasks.models import AssessmentTask
from users.models import User


@pytest.fixture
def task(db: None) -> AssessmentTask:
    return factories.AssessmentTaskFactory(max_score=20, passing_score=10)


@pytest.fixture
def submission(student: User, task: AssessmentTask) -> Submission:
    return factories.SubmissionFactory(user=student, task=task, content="Σ = 42")


def test_a_submission_names_its_user_and_task(
    submission: Submission, student: User, task: AssessmentTask, as_student: APIClient, as_instructor: APIClient
) -> None:
    shown = as_student.get(f"/api/submissions/{submission.pk}/").json()
    assert shown == as_instructor.get(f"/api/submissions/{submission.pk}/").json()
    assert as_student.get("/api/submissions/").json()["results"] == [shown]
    assert datetime.fromisoformat(shown.pop("submitted_at")) == submission.submitted_at
    assert shown == {
        "id": submission.pk,
        "user": {"id": student.pk, "username": student.username},
        "task": {"id": task.pk, "title": task.title, "max_score": "20.00"},
        "content": "Σ = 42",
        "grade": None,
        "passed": None,
    }


@pytest.mark.parametrize(
    ("grade", "shown", "passed"),
    [("20", "20.00", True), ("10.00", "10.00", True), (9.99, "9.99", False), (0, "0.00", False)],
)
def test_a_grade_decides_whether_the_task_is_passed(
    grade: object, shown: str, passed: bool, submission: Submission, as_instructor: APIClient, as_student: APIClient
) -> None:
    response = as_instructor.post(f"/api/submissions/{submission.pk}/grade/", {"grade": grade})
    assert response.status_code == 200
    assert (response.json()["grade"], response.json()["passed"]) == (shown, passed)
    assert as_student.get(f"/api/submissions/{submission.pk}/").json() == response.json()


def test_a_grade_can_be_corrected(submission: Submission, as_instructor: APIClient) -> None:
    for grade in ("3.00", "17.25"):
        as_instructor.post(f"/api/submissions/{submission.pk}/grade/", {"grade": grade})
    submission.refresh_from_db()
    assert (str(submission.grade), submission.content) == ("17.25", "Σ = 42")


@pytest.mark.parametrize("grade", ["20.01", "-0.01", "1.005", "NaN", "Infinity", "good", "", None])
def test_a_grade_beyond_the_scale_is_refused(grade: object, submission: Submission, as_instructor: APIClient) -> None:
    response = as_instructor.post(f"/api/submissions/{submission.pk}/grade/", {"grade": grade})
    assert (response.status_code, list(response.json())) == (400, ["grade"])
    submission.refresh_from_db()
    assert submission.grade is None


def test_an_unknown_submission_is_not_graded(as_instructor: APIClient) -> None:
    assert as_instructor.post("/api/submissions/0/grade/", {"grade": 1}).status_code == 404


def test_a_student_submits_a_task_once(task: AssessmentTask, student: User, as_student: APIClient) -> None:
    response = as_student.post("/api/submissions/", {"task": task.pk, "content": "Mine", "grade": "20", "user": 1})
    assert response.status_code == 201
    created = response.json()
    assert (created["user"]["id"], created["task"]["id"], created["grade"]) == (student.pk, task.pk, None)
    assert as_student.get(f"/api/submissions/{created['id']}/").json() == created
    again = as_student.post("/api/submissions/", {"task": task.pk, "content": "Better"})
    assert (again.status_code, list(again.json())) == (409, ["detail"])
    assert Submission.objects.get(user=student).content == "Mine"


def test_a_second_submission_that_was_quicker_is_a_conflict(
    task: AssessmentTask, as_student: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_student.post("/api/submissions/", {"task": task.pk, "content": "First"})
    # Both requests look before either has written.
    monkeypatch.setattr("django.db.models.query.QuerySet.exists", lambda queryset: False)
    assert as_student.post("/api/submissions/", {"task": task.pk, "content": "Second"}).status_code == 409


def test_a_quiz_task_can_be_submitted_too(as_student: APIClient) -> None:
    task = factories.QuizTaskFactory()
    response = as_student.post("/api/submissions/", {"task": task.pk, "content": "Mine"})
    assert (response.status_code, response.json()["task"]["title"]) == (201, task.title)


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"task": 0}, "task"), ({"task": 2**80}, "task"), ({"task": None}, "task"), ({"task": "x"}, "task"),
     ({"content": ""}, "content"), ({"content": " "}, "content"), ({"content": None}, "content")],
)  # fmt: skip
def test_a_submission_without_task_or_content_is_refused(
    changes: dict, field: str, task: AssessmentTask, student: User, as_student: APIClient
) -> None:
    response = as_student.post("/api/submissions/", {"task": task.pk, "content": "Mine", **changes})
    assert (response.status_code, list(response.json())) == (400, [field])
    assert not Submission.objects.filter(user=student).exists()


def test_submissions_are_filtered_by_task_and_user(
    submission: Submission, task: AssessmentTask, student: User, as_instructor: APIClient
) -> None:
    same_task = factories.SubmissionFactory(task=task)
    same_user = factories.SubmissionFactory(user=student)

    def found(**query: int) -> list[int]:
        return [row["id"] for row in as_instructor.get("/api/submissions/", query).json()["results"]]

    assert found(task=task.pk) == [submission.pk, same_task.pk]
    assert found(user=student.pk) == [submission.pk, same_user.pk]
    assert found(task=task.pk, user=student.pk) == [submission.pk]
    assert found(task=0) == found(user=2**80) == []


def test_a_filter_shows_a_student_nothing_of_others(as_student: APIClient) -> None:
    other = factories.SubmissionFactory()
    assert as_student.get("/api/submissions/", {"user": other.user_id}).json()["results"] == []
    assert as_student.get("/api/submissions/", {"task": other.task_id}).json()["results"] == []


@pytest.mark.parametrize("name", ["task", "user"])
def test_a_filter_that_is_no_number_is_refused(name: str, as_instructor: APIClient) -> None:
    response = as_instructor.get("/api/submissions/", {name: "x"})
    assert (response.status_code, list(response.json())) == (400, [name])


def test_an_empty_filter_filters_nothing(submission: Submission, as_instructor: APIClient) -> None:
    assert count(as_instructor, "/api/submissions/?task=&user=") == Submission.objects.count()
