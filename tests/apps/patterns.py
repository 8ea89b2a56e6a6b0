"""Patterns that keep queries few and small, before and after; docs/optimization-patterns.md shows them measured."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from django.core.paginator import Paginator
from django.db import connection, transaction
from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from core.aggregates import rows_of
from core.models import AssessmentTask, Course, CourseTask, LearningTask, Quiz, Submission
from tasks.repositories import LearningTaskRepository
from tests.factories import (
    AssessmentTaskFactory,
    CourseFactory,
    LearningTaskFactory,
    QuizFactory,
    QuizTaskFactory,
    SubmissionFactory,
)

SIZES: Final = (5, 50)


@contextmanager
def undone() -> Iterator[None]:
    """Takes back whatever is written inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def queries(run: Callable[[Any], Any], made: Any) -> int:
    """How many statements run."""
    with CaptureQueriesContext(connection) as captured:
        run(made)
    return sum(not query["sql"].startswith(("SAVEPOINT", "RELEASE")) for query in captured)


def rows_read(run: Callable[[Any], QuerySet[Any]], made: Any) -> int:
    """How many rows the database looks at to answer, indexes being cheap as they are for many rows."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off")
        (plan,) = json.loads(run(made).explain(analyze=True, format="json"))
    return sum(_looked_at(plan["Plan"]))


def _looked_at(node: dict[str, Any]) -> list[int]:
    inner = [count for each in node.get("Plans", []) for count in _looked_at(each)]
    if "Scan" not in node["Node Type"]:
        return inner
    return [int(node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"], *inner]


@dataclass(frozen=True)
class Pattern:
    """One pattern; `fill` makes objects, so many, and `before` and `after` do the same with what it returns."""

    title: str
    why: str
    where: str
    fill: Callable[[int], Any]
    before: Callable[[Any], Any]
    after: Callable[[Any], Any]
    cost: Callable[[Callable[[Any], Any], Any], int] = queries

    def measure(self) -> list[tuple[int, int, int]]:
        """For every size: the size, and what `before` and `after` cost."""
        return [self._measure(size) for size in SIZES]

    def _measure(self, size: int) -> tuple[int, int, int]:
        with undone():
            made = self.fill(size)
            return size, self._cost(self.before, made), self._cost(self.after, made)

    def _cost(self, run: Callable[[Any], Any], made: Any) -> int:
        with undone():
            return self.cost(run, made)


def submissions(size: int) -> None:
    """Submissions of as many users and tasks."""
    SubmissionFactory.create_batch(size)


def courses(size: int) -> None:
    """Courses of two tasks each."""
    for _ in range(size):
        CourseFactory(tasks=LearningTaskFactory.create_batch(2))


def quizzes(size: int) -> None:
    """Quizzes of two tasks each."""
    for _ in range(size):
        QuizFactory(tasks=QuizTaskFactory.create_batch(2))


def one_task(size: int) -> AssessmentTask:
    """A task that was handed in so often; every fifth submission is not graded."""
    task = AssessmentTaskFactory()
    for number in range(size):
        SubmissionFactory(task=task, grade=None if number % 5 == 0 else 1)
    return task


def keys(size: int) -> list[int]:
    """The keys of submissions, in order."""
    return [submission.pk for submission in SubmissionFactory.create_batch(size)]


def nothing(_size: int) -> None:
    """Objects are made by the change itself."""


def names_before(_):
    return [(each.user.username, each.task.title) for each in Submission.objects.all()]


def names_after(_):
    found = Submission.objects.select_related("user", "task").only("user__username", "task__title")
    return [(each.user.username, each.task.title) for each in found]


def titles_before(_):
    found = Course.objects.prefetch_related("tasks")
    return [[task.title for task in course.tasks.order_by("course_tasks__position")] for course in found]


def titles_after(_):
    places = CourseTask.objects.order_by("position").select_related("task").only("course_id", "task__title")
    found = Course.objects.prefetch_related(Prefetch("course_tasks", places, to_attr="places"))
    return [[place.task.title for place in course.places] for course in found]


def rows_after(_):
    places = CourseTask.objects.filter(course=OuterRef("pk"))
    found = Course.objects.annotate(task_rows=rows_of(places, "course", "position", "task__title"))
    return [[title for _, title in course.task_rows] for course in found]


def counts_before(_):
    return [quiz.tasks.count() for quiz in Quiz.objects.order_by("pk")]


def counts_after(_):
    places = Quiz.tasks.through.objects.filter(quiz=OuterRef("pk")).order_by().values("quiz")
    found = Quiz.objects.annotate(task_count=Subquery(places.annotate(count=Count("pk")).values("count")))
    return [quiz.task_count for quiz in found.order_by("pk")]


def default_before(_):
    course = Course.objects.create(title="New", created_at=None)
    Course.objects.filter(pk=course.pk).update(created_at=Now())
    course.refresh_from_db()
    return course.created_at is not None


def default_after(_):
    return Course.objects.create(title="New").created_at is not None


def created_before(_):
    task = LearningTask.objects.create(title="New")
    return LearningTaskRepository().get(task.pk).course_ids


def created_after(_):
    return LearningTaskRepository().create({"title": "New"}).course_ids


def last_page_before(_):
    pages = Paginator(Submission.objects.order_by("pk"), 2)
    return [submission.pk for submission in pages.page(pages.num_pages)][-1:]


def last_page_after(keys):
    found = Submission.objects.order_by("pk").filter(pk__gt=keys[-3])
    return [submission.pk for submission in found[:2]][-1:]


def last_rows_before(keys):
    return Submission.objects.order_by("pk")[len(keys) - 2 : len(keys)]


def last_rows_after(keys):
    return Submission.objects.order_by("pk").filter(pk__gt=keys[-3])[:2]


def grades_before(_):
    for submission in Submission.objects.all():
        submission.grade = 1
        submission.save(update_fields=["grade"])


def grades_after(_):
    found = list(Submission.objects.all())
    for submission in found:
        submission.grade = 1
    Submission.objects.bulk_update(found, ["grade"])


def ungraded_before(task):
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX submission_ungraded_by_task")
    return Submission.objects.filter(task=task, grade=None)


def ungraded_after(task):
    return Submission.objects.filter(task=task, grade=None)


PATTERNS: Final = [
    Pattern(
        "`select_related` and `only`",
        "What a list shows of the object behind a foreign key comes in the same query, and only the columns shown.",
        "platform/assessment/repositories/submissions.py",
        submissions,
        names_before,
        names_after,
    ),
    Pattern(
        "`Prefetch` with a queryset of its own",
        "A plain prefetch is thrown away as soon as the view sorts or filters, and every object asks again. "
        "With a queryset in the prefetch, order, filter and columns are part of the one query.",
        "platform/learning/repositories.py",
        courses,
        titles_before,
        titles_after,
    ),
    Pattern(
        "Children as one value",
        "What a list only shows of its children is one value of the parent's row: no query and no object for them.",
        "platform/core/aggregates.py",
        courses,
        titles_after,
        rows_after,
    ),
    Pattern(
        "Annotate instead of counting",
        "The database counts in a subquery of the list; a join instead would multiply the rows of several counts.",
        "platform/assessment/repositories/quizzes.py",
        quizzes,
        counts_before,
        counts_after,
    ),
    Pattern(
        "Database defaults",
        "The database fills in the time itself and returns it with the row (`db_default`); the baseline release, which "
        "does not know the column, gets it right, too.",
        "platform/core/models/learning.py",
        nothing,
        default_before,
        default_after,
    ),
    Pattern(
        "Not asking what is known",
        "Nothing refers to an object that was just made, so what a list would load about it is known.",
        "platform/tasks/repositories.py",
        nothing,
        created_before,
        created_after,
    ),
    Pattern(
        "Keyset pagination: no count",
        "A page by cursor starts behind a key. Nothing has to be counted, and nothing is shown twice or left out when "
        "rows come and go between two pages.",
        "platform/core/pagination.py",
        keys,
        last_page_before,
        last_page_after,
    ),
    Pattern(
        "Keyset pagination: no walk",
        "For the last page by number the database walks over all rows before it; behind a key it starts there.",
        "platform/core/pagination.py",
        keys,
        last_rows_before,
        last_rows_after,
        rows_read,
    ),
    Pattern(
        "Bulk operations",
        "Grades of many submissions, and places of many tasks, are written in one statement.",
        "platform/assessment/repositories/submissions.py",
        submissions,
        grades_before,
        grades_after,
    ),
    Pattern(
        "Partial indexes",
        "What waits for a grade is a small part of what was handed in: an index of that part alone stays small, and "
        "the database looks at no graded row. Here, every fifth submission of a task waits.",
        "platform/core/models/assessment.py",
        one_task,
        ungraded_before,
        ungraded_after,
        rows_read,
    ),
]
