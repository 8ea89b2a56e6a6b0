"""The views of submissions."""

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from assessment.serializers.submissions import GradeInput, SubmissionFilter, SubmissionInput, SubmissionOutput
from assessment.services.submissions import SubmissionService
from core.api import ApiView


class SubmissionListView(ApiView[SubmissionService]):
    """GET: the submissions that one may see; POST: a new one."""

    service_class = SubmissionService

    def get(self, request: Request) -> Response:
        """List submissions."""
        return self.page(
            self.service.visible(actor=request.user, **self.parameters(SubmissionFilter)), SubmissionOutput
        )

    def post(self, request: Request) -> Response:
        """Hand in a task."""
        self.service.may_create(actor=request.user)
        values = self.body(SubmissionInput)
        submission = self.service.create(values["task"], values["content"], actor=request.user)
        return Response(SubmissionOutput(submission).data, status=status.HTTP_201_CREATED)


class SubmissionView(ApiView[SubmissionService]):
    """GET: one submission."""

    service_class = SubmissionService

    def get(self, request: Request, pk: int) -> Response:
        """Show a submission."""
        return Response(SubmissionOutput(self.service.get(pk, actor=request.user)).data)


class GradeView(ApiView[SubmissionService]):
    """POST: a grade for a submission."""

    service_class = SubmissionService

    def post(self, request: Request, pk: int) -> Response:
        """Grade a submission."""
        self.service.gradable(pk, actor=request.user)
        submission = self.service.grade(pk, self.body(GradeInput)["grade"], actor=request.user)
        return Response(SubmissionOutput(submission).data)
