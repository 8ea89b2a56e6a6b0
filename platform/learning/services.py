"""Rules for courses."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from core.exceptions import Conflict, Invalid, NotAllowed, NotFound
from core.models import Course
from core.services import Service
from learning.repositories import CourseRepository
from users.authorization import TEACHERS, require
from users.models import User

TITLE_TAKEN = "course with this title already exists."


class CourseService(Service[CourseRepository]):
    """Everybody sees courses; instructors change their own, administrators all."""

    repository_class = CourseRepository

    def all(self) -> QuerySet[Course]:
        """Every course."""
        return self.repository.all()

    def get(self, pk: int) -> Course:
        """One course with its tasks in full; raises NotFound."""
        return self.repository.get(pk)

    def may_create(self, *, actor: User) -> None:
        """Raises NotAllowed unless the actor creates courses."""
        require(actor, *TEACHERS)

    def changeable(self, pk: int, *, actor: User) -> Course:
        """The course, for the actor to change it; raises NotFound, NotAllowed."""
        course = self.repository.plain(pk)
        self._require_own(course, actor)
        return course

    @transaction.atomic
    def create(self, values: Mapping[str, Any], *, actor: User) -> Course:
        """A new course; an instructor becomes its instructor. Raises NotAllowed, Invalid."""
        self.may_create(actor=actor)
        checked = self._checked(values, None, actor)
        if actor.role == User.Role.INSTRUCTOR:
            checked["instructor_id"] = actor.pk
        return self._saved(Course(**checked))

    @transaction.atomic
    def change(self, course: Course, values: Mapping[str, Any], *, actor: User) -> Course:
        """The course with new values; raises NotAllowed, Invalid."""
        self._require_own(course, actor)
        checked = self._checked(values, course, actor)
        for field, value in checked.items():
            setattr(course, field, value)
        return self._saved(course, update_fields=list(checked))

    @transaction.atomic
    def delete(self, pk: int, *, actor: User) -> None:
        """Deletes a course; raises NotAllowed, NotFound."""
        require(actor, User.Role.ADMINISTRATOR)
        self.repository.plain(pk).delete()

    @transaction.atomic
    def add_task(self, course: Course, task_id: int, *, actor: User) -> Course:
        """The course with the task as its last; raises NotAllowed, NotFound, Conflict."""
        self._require_own(course, actor)
        if not self.repository.place_last(course, self.repository.task(task_id)):
            raise Conflict("The task is already part of this course.")
        return self.repository.get(course.pk)

    @transaction.atomic
    def remove_task(self, pk: int, task_id: int, *, actor: User) -> None:
        """Takes a task out of a course; raises NotAllowed, NotFound."""
        course = self.changeable(pk, actor=actor)
        if not self.repository.take_out(course, self.repository.task(task_id)):
            raise NotFound("The task is not part of this course.")

    def _require_own(self, course: Course, actor: User) -> None:
        require(actor, *TEACHERS)
        if actor.role == User.Role.INSTRUCTOR and course.instructor_id != actor.pk:
            raise NotAllowed

    def _checked(self, values: Mapping[str, Any], course: Course | None, actor: User) -> dict[str, Any]:
        """The values with the instructor's id as the model names it; raises Invalid, NotAllowed."""
        checked = dict(values)
        errors = {}
        if "title" in checked and self.repository.titled(checked["title"]).exclude(pk=course and course.pk).exists():
            errors["title"] = TITLE_TAKEN
        if "instructor" in checked:
            instructor = checked["instructor_id"] = checked.pop("instructor")
            if instructor is not None and not self.repository.instructors().filter(pk=instructor).exists():
                errors["instructor"] = f'Invalid pk "{instructor}" - object does not exist.'
        if errors:
            raise Invalid(**errors)
        if actor.role == User.Role.INSTRUCTOR and checked.get("instructor_id", actor.pk) != actor.pk:
            raise NotAllowed("Only an administrator may choose the instructor.")
        return checked

    def _saved(self, course: Course, update_fields: list[str] | None = None) -> Course:
        try:
            with transaction.atomic():
                course.save(update_fields=update_fields)
        except IntegrityError as error:  # another request took the title meanwhile
            raise Invalid(title=TITLE_TAKEN) from error
        return self.repository.get(course.pk)
