"""A list that is read as rows shows what the objects themselves show."""

import pytest

from assessment.repositories import AssessmentRepository
from assessment.serializers.progress import ProgressOutput
from assessment.serializers.quizzes import QuizOutput
from assessment.serializers.submissions import SubmissionOutput
from core.rows import reader
from learning.repositories import CourseRepository
from learning.serializers import CourseDetailOutput, CourseOutput
from tests.factories import (
    CourseFactory,
    LearningTaskFactory,
    QuizFactory,
    QuizTaskFactory,
    SubmissionFactory,
    UserFactory,
    UserProgressFactory,
)
from users.repositories import UserRepository
from users.serializers import UserOutput

pytestmark = pytest.mark.django_db


@pytest.fixture
def everything():
    """Objects with and without what may be missing."""
    tasks = QuizTaskFactory.create_batch(3)
    for grade in (None, "4.99", "5.00"):
        SubmissionFactory(grade=grade)
    for completed in ([], tasks[:1], tasks):
        UserProgressFactory(quiz=QuizFactory(tasks=tasks), completed=completed)
    UserProgressFactory(quiz=QuizFactory(), completed=tasks)
    return AssessmentRepository()


def rows(objects, output):
    read = reader(output)
    return [read.show(row) for row in objects.values_list(*read.columns)]


def test_rows_show_what_objects_show(everything):
    lists = [
        (everything.all(), SubmissionOutput, 3),
        (everything.progress.all(), ProgressOutput, 4),
        (everything.quizzes.all(), QuizOutput, 4),
        (UserRepository().all(), UserOutput, 7),
    ]
    for objects, output, count in lists:
        assert rows(objects, output) == output(objects, many=True).data
        assert len(objects) == count


def test_rows_of_courses_show_what_the_pages_of_the_courses_show():
    courses = CourseRepository()
    CourseFactory(tasks=LearningTaskFactory.create_batch(3)[::-1])
    CourseFactory(instructor=None)
    for row in rows(courses.all(), CourseOutput):
        page = CourseDetailOutput(courses.get(row["id"])).data
        summaries = [{name: task[name] for name in ("id", "title", "difficulty_level")} for task in page["tasks"]]
        assert row == {**page, "tasks": summaries}


def test_a_column_that_is_shown_twice_is_read_once():
    columns = reader(CourseOutput).columns
    assert columns.count("task_rows") == 1
    assert len(columns) == len(set(columns))


def test_only_what_is_shown_is_read(django_assert_num_queries):
    UserFactory()
    assert "password" not in str(UserRepository().all().values_list(*reader(UserOutput).columns).query)
