"""The views of submissions."""

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from assessment.serializers.submissions import ResubmissionInput, SubmissionFilter, SubmissionInput, SubmissionOutput
from assessment.services import AssessmentService
from core.api import ApiView


class SubmissionListView(ApiView[AssessmentService]):
    """GET: the submissions that one may see; POST: a new one."""

    service_class = AssessmentService

    def get(self, request: Request) -> Response:
        """List submissions."""
        wanted = self.parameters(SubmissionFilter)
        return self.page_of_rows(self.service.submissions(actor=self.actor, **wanted), SubmissionOutput)

    def post(self, request: Request) -> Response:
        """Hand in a task."""
        self.service.may_submit(actor=self.actor)
        values = self.body(SubmissionInput)
        submission = self.service.submit(values["task"], values["content"], actor=self.actor)
        return Response(SubmissionOutput(submission).data, status=status.HTTP_201_CREATED)


class SubmissionView(ApiView[AssessmentService]):
    """GET: one submission; PUT: new content for one's own."""

    service_class = AssessmentService

    def get(self, request: Request, pk: int) -> Response:
        """Show a submission."""
        return Response(SubmissionOutput(self.service.submission(pk, actor=self.actor)).data)

    def put(self, request: Request, pk: int) -> Response:
        """Hand in a task again, before it is graded."""
        self.service.resubmittable(pk, actor=self.actor)
        content = self.body(ResubmissionInput)["content"]
        return Response(SubmissionOutput(self.service.resubmit(pk, content, actor=self.actor)).data)
