import pytest

from core.models import AssessmentTask, LearningTask, QuizTask
from tests.apps.problems import detail, wrong
from tests.factories import (
    AssessmentTaskFactory,
    CourseFactory,
    LearningTaskFactory,
    QuizTaskFactory,
    SubmissionFactory,
)

pytestmark = pytest.mark.django_db

POINTS = {"max_score": "10.00", "passing_score": "5.00"}
KINDS = [
    ("learning-tasks/", LearningTask, {"title": "Read"}),
    ("assessment-tasks/", AssessmentTask, {"title": "Write", **POINTS}),
    ("quiz-tasks/", QuizTask, {"title": "Answer", **POINTS, "time_limit": 3}),
]


@pytest.mark.parametrize(("path", "model", "body"), KINDS)
def test_instructors_and_administrators_create_tasks(people, path, model, body):
    statuses = {role: person.post(path, **body).status_code for role, person in people.items()}
    assert statuses == {"student": 403, "instructor": 201, "administrator": 201}
    assert model.objects.count() == 2


@pytest.mark.parametrize(("path", "model", "body"), KINDS)
def test_a_created_task_is_shown_as_the_list_shows_it(instructor, path, model, body):
    created = instructor.post(path, **body).json()
    assert instructor.get(path).json()["results"] == [created]
    assert body.items() <= created.items()


@pytest.mark.parametrize("path", ["assessment-tasks/", "quiz-tasks/"])
def test_a_task_that_nobody_could_pass_is_refused(instructor, path):
    response = instructor.post(path, title="Hard", max_score="5", passing_score="6", time_limit=1)
    assert wrong(response) == {"passing_score": ["The passing score must not exceed the maximum score."]}
    assert not AssessmentTask.objects.exists()


def test_a_learning_task_names_its_courses_in_order(student):
    task = LearningTaskFactory()
    courses = [CourseFactory(tasks=[task]) for _ in range(3)]
    assert student.get(f"learning-tasks/{task.pk}/").json()["courses"] == [course.pk for course in courses]


def test_an_assessment_task_counts_its_submissions(student):
    task = AssessmentTaskFactory()
    SubmissionFactory.create_batch(2, task=task)
    SubmissionFactory()
    assert student.get(f"assessment-tasks/{task.pk}/").json()["submission_count"] == 2
    assert AssessmentTaskFactory().pk in [each["id"] for each in student.get("assessment-tasks/").json()["results"]]


def test_quiz_tasks_are_assessment_tasks_too(student):
    task = QuizTaskFactory()
    SubmissionFactory(task=task.assessmenttask_ptr)
    assert student.get("quiz-tasks/").json()["results"][0]["submission_count"] == 1
    assert student.get(f"assessment-tasks/{task.pk}/").status_code == 200


def test_an_unknown_task_is_not_found(student):
    response = student.get("learning-tasks/999999/")
    assert detail(response) == (404, "No LearningTask matches the given query.")


@pytest.mark.parametrize(
    "value",
    [
        {"title": ""},
        {"title": "x" * 201},
        {"max_score": "-1"},
        {"max_score": "10000"},
        {"time_limit": -1},
        {"time_limit": 2**31},
        {"difficulty_level": "impossible"},
        {"due_date": "soon"},
    ],
)
def test_a_wrong_value_is_refused_by_its_name(instructor, value):
    response = instructor.post("quiz-tasks/", **{"title": "Answer", **POINTS, "time_limit": 3, **value})
    assert list(wrong(response)) == list(value)


def test_who_may_not_create_is_told_so_before_the_body_is_read(student):
    assert student.post("quiz-tasks/", title=5, time_limit="x").status_code == 403


def test_objects_are_named_for_people():
    assert str(LearningTaskFactory(title="Read")) == "Read"
