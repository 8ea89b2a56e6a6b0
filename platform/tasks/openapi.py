"""What the OpenAPI document says about tasks."""

from http import HTTPStatus
from typing import Final

from rest_framework.serializers import Serializer

from core.openapi import Operation, Operations
from tasks import api


def of_list(view: type[api.TaskListView]) -> Operations:
    """What lists of a kind of task do."""
    shown: type[Serializer] = view.output_class
    return {
        (view, "GET"): Operation(shown, paged=True),
        (view, "POST"): Operation(shown, view.input_class, status=HTTPStatus.CREATED, refuses=(HTTPStatus.FORBIDDEN,)),
    }


OPERATIONS: Final[Operations] = {
    **of_list(api.LearningTaskListView),
    **of_list(api.AssessmentTaskListView),
    **of_list(api.QuizTaskListView),
    (api.LearningTaskView, "GET"): Operation(api.LearningTaskView.output_class),
    (api.AssessmentTaskView, "GET"): Operation(api.AssessmentTaskView.output_class),
}
