"""The view of a learner's overview."""

from rest_framework.request import Request
from rest_framework.response import Response

from assessment.serializers.overview import LearnerOverviewOutput
from assessment.services import AssessmentService
from core.api import ApiView


class LearnerOverviewView(ApiView[AssessmentService]):
    """GET: one's own submissions and quizzes in numbers."""

    service_class = AssessmentService

    def get(self, request: Request) -> Response:
        """Show one's own submissions and quizzes in numbers."""
        return Response(LearnerOverviewOutput(self.service.overview(actor=self.actor)).data)
