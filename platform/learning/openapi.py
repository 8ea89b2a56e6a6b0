"""What the OpenAPI document says about courses."""

from http import HTTPStatus
from typing import Final

from core.openapi import Operation, Operations
from core.serializers import TaskReference
from learning import api
from learning.serializers import (
    CourseDetailOutput,
    CourseInput,
    CourseOutput,
    CourseOverviewOutput,
    PlacedTaskOutput,
    TaskOrderInput,
)

FORBIDDEN: Final = (HTTPStatus.FORBIDDEN,)

OPERATIONS: Final[Operations] = {
    (api.CourseListView, "GET"): Operation(CourseOutput, paged=True),
    (api.CourseListView, "POST"): Operation(
        CourseDetailOutput, CourseInput, status=HTTPStatus.CREATED, refuses=FORBIDDEN
    ),
    (api.CourseView, "GET"): Operation(CourseDetailOutput),
    (api.CourseView, "PATCH"): Operation(CourseDetailOutput, CourseInput, refuses=FORBIDDEN),
    (api.CourseView, "DELETE"): Operation(status=HTTPStatus.NO_CONTENT, refuses=FORBIDDEN),
    (api.CourseOverviewView, "GET"): Operation(CourseOverviewOutput),
    (api.CourseTasksView, "GET"): Operation(PlacedTaskOutput, paged=True),
    (api.CourseTasksView, "PUT"): Operation(
        CourseDetailOutput, TaskOrderInput, refuses=(*FORBIDDEN, HTTPStatus.CONFLICT)
    ),
    (api.CourseTasksView, "POST"): Operation(
        CourseDetailOutput, TaskReference, status=HTTPStatus.CREATED, refuses=(*FORBIDDEN, HTTPStatus.CONFLICT)
    ),
    (api.CourseTaskView, "DELETE"): Operation(status=HTTPStatus.NO_CONTENT, refuses=FORBIDDEN),
}
