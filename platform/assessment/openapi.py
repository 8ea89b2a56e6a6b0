"""What the OpenAPI document says about submissions, quizzes and progress."""

from http import HTTPStatus
from typing import Final

from assessment.api import grades, overview, progress, quizzes, submissions
from assessment.serializers.grades import GradeInput, GradesInput, GradesOutput, TaskSubmissionFilter
from assessment.serializers.overview import LearnerOverviewOutput
from assessment.serializers.progress import ProgressOutput
from assessment.serializers.quizzes import QuizDetailOutput, QuizInput, QuizOutput
from assessment.serializers.submissions import ResubmissionInput, SubmissionFilter, SubmissionInput, SubmissionOutput
from core.openapi import Operation, Operations
from core.serializers import TaskReference

CREATED: Final = HTTPStatus.CREATED
FORBIDDEN: Final = (HTTPStatus.FORBIDDEN,)
FORBIDDEN_OR_THERE: Final = (HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT)

OPERATIONS: Final[Operations] = {
    (submissions.SubmissionListView, "GET"): Operation(SubmissionOutput, query=SubmissionFilter, paged=True),
    (submissions.SubmissionListView, "POST"): Operation(
        SubmissionOutput, SubmissionInput, status=CREATED, refuses=FORBIDDEN_OR_THERE
    ),
    (submissions.SubmissionView, "GET"): Operation(SubmissionOutput),
    (submissions.SubmissionView, "PUT"): Operation(SubmissionOutput, ResubmissionInput, refuses=FORBIDDEN_OR_THERE),
    (grades.GradeView, "POST"): Operation(SubmissionOutput, GradeInput, refuses=FORBIDDEN_OR_THERE),
    (grades.GradesView, "POST"): Operation(GradesOutput, GradesInput, refuses=FORBIDDEN),
    (grades.TaskSubmissionsView, "GET"): Operation(
        SubmissionOutput, query=TaskSubmissionFilter, paged=True, refuses=FORBIDDEN
    ),
    (overview.LearnerOverviewView, "GET"): Operation(LearnerOverviewOutput),
    (quizzes.QuizListView, "GET"): Operation(QuizOutput, paged=True),
    (quizzes.QuizListView, "POST"): Operation(QuizDetailOutput, QuizInput, status=CREATED, refuses=FORBIDDEN),
    (quizzes.QuizView, "GET"): Operation(QuizDetailOutput),
    (quizzes.QuizTasksView, "POST"): Operation(
        QuizDetailOutput, TaskReference, status=CREATED, refuses=FORBIDDEN_OR_THERE
    ),
    (progress.ProgressListView, "GET"): Operation(ProgressOutput, paged=True),
    (progress.ProgressView, "GET"): Operation(ProgressOutput),
    (progress.CompleteView, "POST"): Operation(ProgressOutput, TaskReference, refuses=FORBIDDEN),
}
