"""The views of tasks."""

from typing import Any

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from core.api import ApiView
from tasks.serializers import (
    AssessmentTaskInput,
    AssessmentTaskOutput,
    LearningTaskOutput,
    QuizTaskInput,
    QuizTaskOutput,
    TaskInput,
)
from tasks.services import AssessmentTaskService, LearningTaskService, QuizTaskService, TaskService


class TaskListView(ApiView[TaskService[Any]]):
    """GET: all tasks of a kind; POST: a new one."""

    input_class: type[Serializer]
    output_class: type[Serializer]

    def get(self, request: Request) -> Response:
        """List tasks."""
        return self.page(self.service.all(), self.output_class)

    def post(self, request: Request) -> Response:
        """Create a task."""
        self.service.may_create(actor=self.actor)
        task = self.service.create(self.body(self.input_class), actor=self.actor)
        return Response(self.output_class(task).data, status=status.HTTP_201_CREATED)


class TaskView(ApiView[TaskService[Any]]):
    """GET: one task."""

    output_class: type[Serializer]

    def get(self, request: Request, pk: int) -> Response:
        """Show a task."""
        return Response(self.output_class(self.service.get(pk)).data)


class LearningTaskListView(TaskListView):
    """Tasks to learn from."""

    service_class = LearningTaskService
    input_class = TaskInput
    output_class = LearningTaskOutput


class LearningTaskView(TaskView):
    """A task to learn from."""

    service_class = LearningTaskService
    output_class = LearningTaskOutput


class AssessmentTaskListView(TaskListView):
    """Tasks to hand in."""

    service_class = AssessmentTaskService
    input_class = AssessmentTaskInput
    output_class = AssessmentTaskOutput


class AssessmentTaskView(TaskView):
    """A task to hand in."""

    service_class = AssessmentTaskService
    output_class = AssessmentTaskOutput


class QuizTaskListView(TaskListView):
    """Tasks of quizzes."""

    service_class = QuizTaskService
    input_class = QuizTaskInput
    output_class = QuizTaskOutput
