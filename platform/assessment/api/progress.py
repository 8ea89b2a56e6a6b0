"""The views of progress."""

from rest_framework.request import Request
from rest_framework.response import Response

from assessment.serializers.progress import ProgressOutput
from assessment.services import AssessmentService
from core.api import ApiView
from core.serializers import TaskReference


class ProgressListView(ApiView[AssessmentService]):
    """GET: the progress that one may see."""

    service_class = AssessmentService

    def get(self, request: Request) -> Response:
        """List progress."""
        return self.page_of_rows(self.service.all_progress(actor=self.actor), ProgressOutput)


class ProgressView(ApiView[AssessmentService]):
    """GET: one progress."""

    service_class = AssessmentService

    def get(self, request: Request, pk: int) -> Response:
        """Show a progress."""
        return Response(ProgressOutput(self.service.progress(pk, actor=self.actor)).data)


class CompleteView(ApiView[AssessmentService]):
    """POST: a completed task of a quiz."""

    service_class = AssessmentService

    def post(self, request: Request, pk: int) -> Response:
        """Complete a quiz task."""
        self.service.quiz_to_take(pk, actor=self.actor)
        progress = self.service.complete_quiz_task(pk, self.body(TaskReference)["task"], actor=self.actor)
        return Response(ProgressOutput(progress).data)
