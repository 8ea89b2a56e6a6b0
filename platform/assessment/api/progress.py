"""The views of progress."""

from rest_framework.request import Request
from rest_framework.response import Response

from assessment.serializers.progress import ProgressOutput
from assessment.services.progress import ProgressService
from core.api import ApiView
from core.serializers import TaskReference


class ProgressListView(ApiView[ProgressService]):
    """GET: the progress that one may see."""

    service_class = ProgressService

    def get(self, request: Request) -> Response:
        """List progress."""
        return self.page(self.service.visible(actor=request.user), ProgressOutput)


class ProgressView(ApiView[ProgressService]):
    """GET: one progress."""

    service_class = ProgressService

    def get(self, request: Request, pk: int) -> Response:
        """Show a progress."""
        return Response(ProgressOutput(self.service.get(pk, actor=request.user)).data)


class CompleteView(ApiView[ProgressService]):
    """POST: a completed task of a quiz."""

    service_class = ProgressService

    def post(self, request: Request, pk: int) -> Response:
        """Complete a quiz task."""
        quiz = self.service.quiz(pk, actor=request.user)
        progress = self.service.complete(quiz, self.body(TaskReference)["task"], actor=request.user)
        return Response(ProgressOutput(progress).data)
