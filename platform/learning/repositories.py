"""Queries for courses."""

from collections.abc import Sequence
from typing import Any

from django.db.models import (
    Avg,
    Count,
    F,
    Min,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Window,
    prefetch_related_objects,
)
from django.db.models.functions import RowNumber
from django.utils import timezone

from core.aggregates import rows_of
from core.models import Course, CourseTask, LearningTask
from core.repositories import Repository
from tasks.repositories import LearningTaskRepository
from users.models import User


class CourseRepository(Repository[Course]):
    """Courses, each with its instructor and its `places`: the tasks in order."""

    model = Course

    def all(self) -> QuerySet[Course]:
        """Every course in one query, with the parts of tasks that a list shows."""
        places = CourseTask.objects.filter(course=OuterRef("pk"))
        shown = ["position", "task", "task__title", "task__difficulty_level"]
        return self._plain().annotate(task_rows=rows_of(places, "course", *shown))

    def get(self, pk: int) -> Course:
        """The course with its tasks in full, in three queries; raises NotFound."""
        return self.with_tasks(self.plain(pk))

    def plain(self, pk: int) -> Course:
        """The course without its tasks, in one query; raises NotFound."""
        return self.one(self._plain(), pk)

    def locked(self, pk: int, among: QuerySet[Course] | None = None) -> Course:
        """The course without its tasks; nobody else changes it or their order until the transaction ends."""
        return super().locked(pk, self._plain() if among is None else among)

    def with_tasks(self, course: Course) -> Course:
        """The same course, now with its tasks in full, in two more queries."""
        prefetch_related_objects([course], Prefetch("course_tasks", self._in_full(), to_attr="places"))
        return course

    def titled(self, title: str) -> QuerySet[Course]:
        """The courses of this title: one or none."""
        return super().all().filter(title=title)

    def instructors(self) -> QuerySet[User]:
        """Those who may be the instructor of a course."""
        return User.objects.filter(role=User.Role.INSTRUCTOR)

    def task(self, pk: int) -> LearningTask:
        """A task that may become part of a course; raises NotFound."""
        return LearningTaskRepository().one(LearningTask.objects.all(), pk)

    def places(self, course: Course) -> QuerySet[CourseTask]:
        """The tasks of a course in order, in full, each with its `place`: 1, 2, 3, ..."""
        place = Window(RowNumber(), order_by=[F("position").asc(), F("task_id").asc()])
        return self._in_full().filter(course=course).annotate(place=place)

    def bare_places(self, course: Course) -> list[CourseTask]:
        """The places of a course in order, without the tasks, in one query."""
        return list(self._in_order().filter(course=course))

    def arrange(self, places: Sequence[CourseTask]) -> None:
        """Numbers the places in the given order, in one statement; those that have their number stay untouched."""
        moved = []
        for number, place in enumerate(places, start=1):
            if place.position != number:
                place.position = number
                moved.append(place)
        CourseTask.objects.bulk_update(moved, ["position"])

    def place_last(self, course: Course, task: LearningTask) -> None:
        """Adds the task after all others, those that the baseline release added without a place among them."""
        places = self.bare_places(course)
        self.arrange(places)
        CourseTask.objects.create(course=course, task=task, position=len(places) + 1)

    def take_out(self, course: Course, task: LearningTask) -> bool:
        """Removes the task from the course; False if it was not part of it."""
        removed, _ = CourseTask.objects.filter(course=course, task=task).delete()
        return removed > 0

    def overview(self, course: Course) -> dict[str, Any]:
        """Counts and averages over the tasks of a course, in one query; None is what no task has."""
        now = timezone.now()
        same_task = CourseTask.objects.filter(task=OuterRef("task")).order_by().values("task")
        courses = Subquery(same_task.annotate(count=Count("pk")).values("count"))
        of_difficulty = {
            f"{level}_task_count": Count("pk", filter=Q(task__difficulty_level=level))
            for level in LearningTask.Difficulty.values
        }
        return (
            CourseTask.objects.filter(course=course)
            .annotate(courses=courses)
            .aggregate(
                task_count=Count("pk"),
                **of_difficulty,
                shared_task_count=Count("pk", filter=Q(courses__gt=1)),
                average_courses_per_task=Avg("courses"),
                overdue_task_count=Count("pk", filter=Q(task__due_date__lt=now)),
                next_due_date=Min("task__due_date", filter=Q(task__due_date__gte=now)),
            )
        )

    def _plain(self) -> QuerySet[Course]:
        return super().all().select_related("instructor")

    def _in_order(self) -> QuerySet[CourseTask]:
        return CourseTask.objects.order_by("position", "task_id")

    def _in_full(self) -> QuerySet[CourseTask]:
        memberships = LearningTaskRepository().memberships("task__course_tasks")
        return self._in_order().select_related("task").prefetch_related(memberships)
