"""Grading many at once, grading what one saw, and the submissions of a task."""

from base64 import b64encode
from decimal import Decimal

import pytest

from assessment.services import AssessmentService
from core.exceptions import Conflict, NotAllowed
from core.models import Submission
from tests.apps.problems import detail, wrong
from tests.factories import AssessmentTaskFactory, SubmissionFactory

pytestmark = pytest.mark.django_db
MEANWHILE = "Somebody else has graded this submission meanwhile."


def items(submissions, grade="7.00"):
    return [{"submission": each.pk, "grade": grade} for each in submissions]


def grades():
    return list(Submission.objects.order_by("pk").values_list("grade", flat=True))


def test_many_are_graded_in_the_order_of_the_request(instructor):
    first, second = SubmissionFactory.create_batch(2)
    response = instructor.post("submissions/grades/", grades=items([second, first]))
    assert response.status_code == 200
    assert [(each["id"], each["grade"], each["passed"]) for each in response.json()["results"]] == [
        (second.pk, "7.00", True),
        (first.pk, "7.00", True),
    ]
    assert grades() == [7, 7]
    assert set(Submission.objects.values_list("graded_by", flat=True)) == {instructor.user.pk}
    assert not Submission.objects.filter(graded_at=None).exists()


def test_who_grades_many(people):
    body = items([SubmissionFactory()])
    statuses = {role: each.post("submissions/grades/", grades=body).status_code for role, each in people.items()}
    assert statuses == {"student": 403, "instructor": 200, "administrator": 200}


def test_all_or_none_are_graded_and_every_wrong_item_is_named(instructor):
    good, twice, graded = SubmissionFactory(), SubmissionFactory(), SubmissionFactory(grade=3)
    response = instructor.post(
        "submissions/grades/",
        grades=[
            *items([good, twice]),
            *items([twice]),
            *items([AssessmentTaskFactory(pk=999999)]),
            {"submission": graded.pk, "grade": "4", "previous": None},
        ],
    )
    assert wrong(response)["grades"] == [
        {},
        {},
        {"submission": ["The submission is named twice."]},
        {"submission": ['Invalid pk "999999" - object does not exist.']},
        {"previous": [MEANWHILE]},
    ]
    assert [each["field"] for each in response.json()["errors"]] == [
        "grades.2.submission",
        "grades.3.submission",
        "grades.4.previous",
    ]
    assert grades() == [None, None, 3]


def test_the_maximum_of_every_task_bounds_its_grades(instructor):
    small, large = SubmissionFactory(task__max_score=5), SubmissionFactory(task__max_score=50)
    response = instructor.post("submissions/grades/", grades=items([large, small]))
    assert wrong(response)["grades"] == [
        {},
        {"grade": ["The grade must not exceed the maximum score of the task."]},
    ]


@pytest.mark.parametrize("body", [[], [{}], "x", None, {"submission": 1}, [{"submission": 1, "grade": -1}]])
def test_a_list_of_grades_that_makes_no_sense_is_refused(instructor, body):
    response = instructor.post("submissions/grades/", grades=body)
    assert response.status_code == 400
    assert {each["field"].partition(".")[0] for each in response.json()["errors"]} == {"grades"}


def test_at_most_200_are_graded_at_once(instructor):
    task = AssessmentTaskFactory()
    submissions = SubmissionFactory.create_batch(201, task=task)
    assert instructor.post("submissions/grades/", grades=items(submissions)).status_code == 400
    assert instructor.post("submissions/grades/", grades=items(submissions[:200])).status_code == 200
    assert grades().count(None) == 1


@pytest.mark.parametrize(
    ("present", "previous", "status"), [(None, None, 200), (3, None, 409), (3, "3.00", 200), (3, "2.99", 409)]
)
def test_a_grade_that_the_grader_did_not_see_is_not_overwritten(instructor, present, previous, status):
    submission = SubmissionFactory(grade=present)
    response = instructor.post(f"submissions/{submission.pk}/grade/", grade=7, previous=previous)
    assert response.status_code == status
    assert grades() == [7 if status == 200 else present]
    assert status == 200 or detail(response) == (409, MEANWHILE)


def test_the_service_keeps_the_rules_of_grading_without_the_views(student, instructor):
    submission = SubmissionFactory(grade=3)
    item = {"submission": submission.pk, "grade": Decimal(4)}
    with pytest.raises(NotAllowed):
        AssessmentService().grade_all([item], actor=student.user)
    with pytest.raises(NotAllowed):
        AssessmentService().submissions_of_task(submission.task.pk, actor=student.user)
    with pytest.raises(Conflict):
        AssessmentService().grade(submission.pk, Decimal(4), actor=instructor.user, previous=None)


def test_graders_see_what_was_handed_in_for_a_task(people):
    submission = SubmissionFactory()
    SubmissionFactory()
    path = f"assessment-tasks/{submission.task.pk}/submissions/"
    assert people["student"].get(path).status_code == 403
    for role in ("instructor", "administrator"):
        assert people[role].get(path).json() == {
            "next": None,
            "previous": None,
            "results": [people[role].get(f"submissions/{submission.pk}/").json()],
        }
    assert people["instructor"].get("assessment-tasks/999999/submissions/").status_code == 404


def test_the_submissions_of_a_task_are_filtered_by_state_and_user(instructor):
    task = AssessmentTaskFactory(passing_score=5)
    todo, failed, passed = (SubmissionFactory(task=task, grade=grade) for grade in (None, "4.99", "5.00"))

    path = f"assessment-tasks/{task.pk}/submissions/"

    def shown(**wanted):
        return [each["id"] for each in instructor.get(path, **wanted).json()["results"]]

    assert shown(state="ungraded") == [todo.pk]
    assert shown(state="graded") == [failed.pk, passed.pk]
    assert (shown(state="failed"), shown(state="passed")) == ([failed.pk], [passed.pk])
    assert shown(user=failed.user.pk) == [failed.pk]
    assert shown(user=failed.user.pk, state="passed") == []
    assert list(wrong(instructor.get(path, state="x", user="y"))) == ["state", "user"]


def pages(person, path, **parameters):
    """The keys on every page, following the links."""
    found = []
    answer = person.get(path, **parameters).json()
    while answer:
        found.append([each["id"] for each in answer["results"]])
        answer = person.client.get(answer["next"]).json() if answer["next"] else None
    return found


def test_pages_by_cursor_show_everything_once_even_when_something_is_added_or_graded(instructor):
    task = AssessmentTaskFactory()
    keys = [each.pk for each in SubmissionFactory.create_batch(5, task=task)]
    path = f"assessment-tasks/{task.pk}/submissions/"
    assert pages(instructor, path, page_size=2) == [keys[:2], keys[2:4], keys[4:]]
    first = instructor.get(path, page_size=2, state="ungraded").json()
    Submission.objects.filter(pk__in=keys[:2]).update(grade=1)
    rest = instructor.client.get(first["next"]).json()
    assert [each["id"] for each in rest["results"]] == keys[2:4]


def test_pages_by_cursor_have_at_most_200(instructor):
    task = AssessmentTaskFactory()
    SubmissionFactory.create_batch(201, task=task)
    path = f"assessment-tasks/{task.pk}/submissions/"
    assert [len(page) for page in pages(instructor, path, page_size=1000)] == [200, 1]
    assert [len(page) for page in pages(instructor, path)] == [50, 50, 50, 50, 1]


@pytest.mark.parametrize("content", ["p=x", "p=-1", "p=1.5", "p=" + "9" * 20, "r=x", "o=-1"])
def test_a_cursor_that_nobody_was_given_is_not_found(instructor, content):
    path = f"assessment-tasks/{SubmissionFactory().task.pk}/submissions/"
    assert instructor.get(path, cursor=b64encode(content.encode()).decode()).status_code == 404
    assert instructor.get(path, cursor="no base64").status_code == 404


def test_a_cursor_behind_the_last_key_shows_nothing(instructor):
    path = f"assessment-tasks/{SubmissionFactory().task.pk}/submissions/"
    shown = instructor.get(path, cursor=b64encode(b"p=" + b"9" * 19).decode()).json()
    assert (shown["results"], shown["next"]) == ([], None)
