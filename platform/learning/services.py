"""Rules for courses."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from core.exceptions import Conflict, Invalid, NotAllowed, NotFound
from core.models import Course, CourseTask
from core.services import Service
from learning.repositories import CourseRepository
from users.authorization import TEACHERS, require
from users.models import User

TITLE_TAKEN = "course with this title already exists."
NOT_THE_TASKS = "These are not exactly the tasks of the course; load them again."


class CourseService(Service[CourseRepository]):
    """Courses and the order of their tasks: everybody sees them, instructors change their own, administrators all."""

    repository_class = CourseRepository

    def all(self) -> QuerySet[Course]:
        """Every course, lazily, by id."""
        return self.repository.all()

    def get(self, pk: int) -> Course:
        """One course with its tasks in full; raises NotFound."""
        return self.repository.get(pk)

    def tasks(self, pk: int) -> QuerySet[CourseTask]:
        """The tasks of a course in order, lazily, each with its `place`: 1, 2, 3, ...; raises NotFound."""
        return self.repository.places(self.repository.plain(pk))

    def overview(self, pk: int) -> dict[str, Any]:
        """What the database counts and averages over the tasks of a course; raises NotFound."""
        course = self.repository.plain(pk)
        return {"id": course.pk, "title": course.title, **self.repository.overview(course)}

    def may_create(self, *, actor: User) -> None:
        """Raises NotAllowed unless the actor creates courses."""
        require(actor, *TEACHERS)

    def changeable(self, pk: int, *, actor: User) -> Course:
        """The course, for the actor to change it; raises NotFound, NotAllowed."""
        return self._own(self.repository.plain(pk), actor)

    @transaction.atomic
    def create(self, values: Mapping[str, Any], *, actor: User) -> Course:
        """A new course; an instructor becomes its instructor. Raises NotAllowed, Invalid.

        `values` are `title`, `description` and `instructor`, the id of an instructor or None.
        """
        self.may_create(actor=actor)
        checked = self._checked(values, None, actor)
        if actor.role == User.Role.INSTRUCTOR:
            checked["instructor"] = actor
        course = self._saved(Course(**checked))
        course.places = []
        return course

    @transaction.atomic
    def change(self, pk: int, values: Mapping[str, Any], *, actor: User) -> Course:
        """The course with new values, as for `create`; raises NotFound, NotAllowed, Invalid."""
        course = self._own(self.repository.locked(pk), actor)
        checked = self._checked(values, course, actor)
        for field, value in checked.items():
            setattr(course, field, value)
        return self.repository.with_tasks(self._saved(course, update_fields=list(checked)))

    @transaction.atomic
    def delete(self, pk: int, *, actor: User) -> None:
        """Deletes a course, not its tasks; raises NotAllowed, NotFound."""
        require(actor, User.Role.ADMINISTRATOR)
        self.repository.plain(pk).delete()

    @transaction.atomic
    def add_task(self, pk: int, task_id: int, *, actor: User) -> Course:
        """The course with the task as its last; raises NotFound, NotAllowed, Conflict."""
        course = self._own(self.repository.locked(pk), actor)
        task = self.repository.task(task_id)
        try:
            with transaction.atomic():
                self.repository.place_last(course, task)
        except IntegrityError as error:
            raise Conflict("The task is already part of this course.") from error
        return self.repository.with_tasks(course)

    @transaction.atomic
    def reorder_tasks(self, pk: int, task_ids: Sequence[int], *, actor: User) -> Course:
        """The course with its tasks in the order of these ids; raises NotFound, NotAllowed, Invalid, Conflict.

        The ids must be exactly those of the course's tasks: Conflict says that somebody added or removed one meanwhile.
        """
        course = self._own(self.repository.locked(pk), actor)
        twice = [task_id for task_id, count in Counter(task_ids).items() if count > 1]
        if twice:
            raise Invalid(tasks=f"The task {twice[0]} is named twice.")
        places = {place.task_id: place for place in self.repository.bare_places(course)}
        if places.keys() != set(task_ids):
            raise Conflict(NOT_THE_TASKS)
        self.repository.arrange([places[task_id] for task_id in task_ids])
        return self.repository.with_tasks(course)

    @transaction.atomic
    def remove_task(self, pk: int, task_id: int, *, actor: User) -> None:
        """Takes a task out of a course; raises NotFound, NotAllowed."""
        course = self._own(self.repository.locked(pk), actor)
        if not self.repository.take_out(course, self.repository.task(task_id)):
            raise NotFound("The task is not part of this course.")

    def _own(self, course: Course, actor: User) -> Course:
        require(actor, *TEACHERS)
        if actor.role == User.Role.INSTRUCTOR and course.instructor_id != actor.pk:
            raise NotAllowed
        return course

    def _checked(self, values: Mapping[str, Any], course: Course | None, actor: User) -> dict[str, Any]:
        """The values with the instructor instead of the id; raises Invalid, NotAllowed."""
        checked = dict(values)
        errors = {}
        if (
            "title" in checked
            and self.repository.titled(checked["title"]).exclude(pk=course.pk if course else None).exists()
        ):
            errors["title"] = TITLE_TAKEN
        if checked.get("instructor") is not None:
            instructor = self.repository.instructors().filter(pk=checked["instructor"]).first()
            if instructor is None:
                errors["instructor"] = f'Invalid pk "{checked["instructor"]}" - object does not exist.'
            checked["instructor"] = instructor
        if errors:
            raise Invalid(**errors)
        if actor.role == User.Role.INSTRUCTOR and checked.get("instructor", actor) != actor:
            raise NotAllowed("Only an administrator may choose the instructor.")
        return checked

    def _saved(self, course: Course, update_fields: list[str] | None = None) -> Course:
        try:
            with transaction.atomic():
                course.save(update_fields=update_fields)
        except IntegrityError as error:  # another request took the title meanwhile
            raise Invalid(title=TITLE_TAKEN) from error
        return course
