"""The views of quizzes."""

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from assessment.serializers.quizzes import QuizDetailOutput, QuizInput, QuizOutput
from assessment.services.quizzes import QuizService
from core.api import ApiView
from core.serializers import TaskReference


class QuizListView(ApiView[QuizService]):
    """GET: all quizzes; POST: a new one."""

    service_class = QuizService

    def get(self, request: Request) -> Response:
        """List quizzes."""
        return self.page(self.service.all(), QuizOutput)

    def post(self, request: Request) -> Response:
        """Create a quiz."""
        self.service.may_create(actor=request.user)
        quiz = self.service.create(self.body(QuizInput), actor=request.user)
        return Response(QuizDetailOutput(quiz).data, status=status.HTTP_201_CREATED)


class QuizView(ApiView[QuizService]):
    """GET: one quiz."""

    service_class = QuizService

    def get(self, request: Request, pk: int) -> Response:
        """Show a quiz."""
        return Response(QuizDetailOutput(self.service.get(pk)).data)


class QuizTasksView(ApiView[QuizService]):
    """POST: one more task for a quiz."""

    service_class = QuizService

    def post(self, request: Request, pk: int) -> Response:
        """Add a task to a quiz."""
        quiz = self.service.changeable(pk, actor=request.user)
        quiz = self.service.add_task(quiz, self.body(TaskReference)["task"], actor=request.user)
        return Response(QuizDetailOutput(quiz).data, status=status.HTTP_201_CREATED)
