"""The views of courses."""

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import ApiView
from core.serializers import TaskReference
from learning.serializers import (
    CourseDetailOutput,
    CourseInput,
    CourseOutput,
    CourseOverviewOutput,
    PlacedTaskOutput,
    TaskOrderInput,
)
from learning.services import CourseService


class CourseListView(ApiView[CourseService]):
    """GET: all courses; POST: a new one."""

    service_class = CourseService

    def get(self, request: Request) -> Response:
        """List courses."""
        return self.page_of_rows(self.service.all(), CourseOutput)

    def post(self, request: Request) -> Response:
        """Create a course."""
        self.service.may_create(actor=self.actor)
        course = self.service.create(self.body(CourseInput), actor=self.actor)
        return Response(CourseDetailOutput(course).data, status=status.HTTP_201_CREATED)


class CourseView(ApiView[CourseService]):
    """GET, PATCH, DELETE: one course."""

    service_class = CourseService

    def get(self, request: Request, pk: int) -> Response:
        """Show a course."""
        return Response(CourseDetailOutput(self.service.get(pk)).data)

    def patch(self, request: Request, pk: int) -> Response:
        """Change a course."""
        self.service.changeable(pk, actor=self.actor)
        course = self.service.change(pk, self.body(CourseInput, partial=True), actor=self.actor)
        return Response(CourseDetailOutput(course).data)

    def delete(self, request: Request, pk: int) -> Response:
        """Delete a course."""
        self.service.delete(pk, actor=self.actor)
        return Response(status=status.HTTP_204_NO_CONTENT)


class CourseOverviewView(ApiView[CourseService]):
    """GET: counts and averages of one course."""

    service_class = CourseService

    def get(self, request: Request, pk: int) -> Response:
        """Show counts and averages over the tasks of a course."""
        return Response(CourseOverviewOutput(self.service.overview(pk)).data)


class CourseTasksView(ApiView[CourseService]):
    """GET: the tasks of a course; POST: one more; PUT: another order."""

    service_class = CourseService

    def get(self, request: Request, pk: int) -> Response:
        """List the tasks of a course in order."""
        return self.page(self.service.tasks(pk), PlacedTaskOutput)

    def post(self, request: Request, pk: int) -> Response:
        """Add a task to a course, as its last."""
        self.service.changeable(pk, actor=self.actor)
        course = self.service.add_task(pk, self.body(TaskReference)["task"], actor=self.actor)
        return Response(CourseDetailOutput(course).data, status=status.HTTP_201_CREATED)

    def put(self, request: Request, pk: int) -> Response:
        """Reorder the tasks of a course: all of them, no others."""
        self.service.changeable(pk, actor=self.actor)
        course = self.service.reorder_tasks(pk, self.body(TaskOrderInput)["tasks"], actor=self.actor)
        return Response(CourseDetailOutput(course).data)


class CourseTaskView(ApiView[CourseService]):
    """DELETE: a task's place in a course."""

    service_class = CourseService

    def delete(self, request: Request, pk: int, task_pk: int) -> Response:
        """Remove a task from a course."""
        self.service.remove_task(pk, task_pk, actor=self.actor)
        return Response(status=status.HTTP_204_NO_CONTENT)
