"""The views of quizzes."""

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from assessment.serializers.quizzes import QuizDetailOutput, QuizInput, QuizOutput
from assessment.services import AssessmentService
from core.api import ApiView
from core.serializers import TaskReference


class QuizListView(ApiView[AssessmentService]):
    """GET: all quizzes; POST: a new one."""

    service_class = AssessmentService

    def get(self, request: Request) -> Response:
        """List quizzes."""
        return self.page_of_rows(self.service.quizzes(), QuizOutput)

    def post(self, request: Request) -> Response:
        """Create a quiz."""
        self.service.may_change_quizzes(actor=self.actor)
        quiz = self.service.create_quiz(self.body(QuizInput), actor=self.actor)
        return Response(QuizDetailOutput(quiz).data, status=status.HTTP_201_CREATED)


class QuizView(ApiView[AssessmentService]):
    """GET: one quiz."""

    service_class = AssessmentService

    def get(self, request: Request, pk: int) -> Response:
        """Show a quiz."""
        return Response(QuizDetailOutput(self.service.quiz(pk)).data)


class QuizTasksView(ApiView[AssessmentService]):
    """POST: one more task for a quiz."""

    service_class = AssessmentService

    def post(self, request: Request, pk: int) -> Response:
        """Add a task to a quiz."""
        self.service.changeable_quiz(pk, actor=self.actor)
        quiz = self.service.add_quiz_task(pk, self.body(TaskReference)["task"], actor=self.actor)
        return Response(QuizDetailOutput(quiz).data, status=status.HTTP_201_CREATED)
