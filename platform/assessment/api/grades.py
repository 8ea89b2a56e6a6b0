"""The views of grading."""

from rest_framework.request import Request
from rest_framework.response import Response

from assessment.serializers.grades import GradeInput, GradesInput, GradesOutput, TaskSubmissionFilter
from assessment.serializers.submissions import SubmissionOutput
from assessment.services import AssessmentService
from core.api import ApiView
from core.pagination import CursorPages


class GradeView(ApiView[AssessmentService]):
    """POST: a grade for a submission."""

    service_class = AssessmentService

    def post(self, request: Request, pk: int) -> Response:
        """Grade a submission."""
        self.service.gradable(pk, actor=self.actor)
        submission = self.service.grade(pk, **self.body(GradeInput), actor=self.actor)
        return Response(SubmissionOutput(submission).data)


class GradesView(ApiView[AssessmentService]):
    """POST: grades for many submissions."""

    service_class = AssessmentService

    def post(self, request: Request) -> Response:
        """Grade many submissions, all or none."""
        self.service.may_grade(actor=self.actor)
        submissions = self.service.grade_all(self.body(GradesInput)["grades"], actor=self.actor)
        return Response(GradesOutput({"results": submissions}).data)


class TaskSubmissionsView(ApiView[AssessmentService]):
    """GET: what was handed in for a task, for graders."""

    service_class = AssessmentService
    pagination_class = CursorPages

    def get(self, request: Request, pk: int) -> Response:
        """List the submissions of a task, in pages by cursor."""
        self.service.may_grade(actor=self.actor)
        wanted = self.parameters(TaskSubmissionFilter)
        return self.page(self.service.submissions_of_task(pk, actor=self.actor, **wanted), SubmissionOutput)
