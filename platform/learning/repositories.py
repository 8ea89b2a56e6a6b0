"""Queries for courses."""

from django.db.models import Prefetch, QuerySet

from core.models import Course, CourseTask, LearningTask
from core.models.learning import UNPLACED
from core.repositories import Repository
from tasks.repositories import LearningTaskRepository
from users.models import User


class CourseRepository(Repository[Course]):
    """Courses, each with its instructor and its `places`: the tasks in order."""

    model = Course

    def all(self) -> QuerySet[Course]:
        """Every course in two queries, with the parts of tasks that a list shows."""
        summaries = self._places().select_related("task").only("course_id", "task__title", "task__difficulty_level")
        return self._with_places(summaries)

    def get(self, pk: int) -> Course:
        """The course with its tasks in full, in four queries; raises NotFound."""
        full = self._places().prefetch_related(Prefetch("task", LearningTaskRepository().all()))
        return self.one(self._with_places(full), pk)

    def plain(self, pk: int) -> Course:
        """The course without its tasks, in one query; raises NotFound."""
        return self.one(super().all(), pk)

    def titled(self, title: str) -> QuerySet[Course]:
        """The courses of this title: one or none."""
        return super().all().filter(title=title)

    def instructors(self) -> QuerySet[User]:
        """Those who may be the instructor of a course."""
        return User.objects.filter(role=User.Role.INSTRUCTOR)

    def task(self, pk: int) -> LearningTask:
        """A task that may become part of a course; raises NotFound."""
        return LearningTaskRepository().one(LearningTask.objects.all(), pk)

    def place_last(self, course: Course, task: LearningTask) -> bool:
        """Adds the task after all others; False if it is part of the course already."""
        places = list(self._places().filter(course=course))
        unplaced = [place for place in places if place.position == UNPLACED]  # added by the baseline release
        last = max((place.position for place in places if place.position < UNPLACED), default=0)
        for position, place in enumerate(unplaced, start=last + 1):
            place.position = position
        CourseTask.objects.bulk_update(unplaced, ["position"])
        position = last + len(unplaced) + 1
        _, added = CourseTask.objects.get_or_create(course=course, task=task, defaults={"position": position})
        return added

    def take_out(self, course: Course, task: LearningTask) -> bool:
        """Removes the task from the course; False if it was not part of it."""
        removed, _ = CourseTask.objects.filter(course=course, task=task).delete()
        return removed > 0

    def _places(self) -> QuerySet[CourseTask]:
        return CourseTask.objects.order_by("position", "task_id")

    def _with_places(self, places: QuerySet[CourseTask]) -> QuerySet[Course]:
        prefetch = Prefetch("course_tasks", places, to_attr="places")
        return super().all().select_related("instructor").prefetch_related(prefetch)
