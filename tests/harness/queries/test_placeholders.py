"""What the placeholders of a route may stand for, by what its view, its path and the models tell."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.test import override_settings
from django.urls import path, re_path
from django.views.decorators.http import condition
from django.views.generic import DetailView, ListView, View

from core.models import AssessmentTask, Quiz, Submission, UserProgress
from harness.agent.draws import draws
from harness.agent.placeholders import Choice
from harness.agent.urls import list_urls


def plain(_request: HttpRequest, **_: Any) -> HttpResponse:
    return HttpResponse()


@condition(etag_func=None)
def naming(_request: HttpRequest, pk: int) -> HttpResponse:
    return HttpResponse(Submission.objects.get(pk=pk).pk)


class ByName(DetailView):  # type: ignore[type-arg]
    slug_url_kwarg = "who"
    slug_field = "username"


class Declared(View):
    model = "core.Submission"

    def get(self, *_: Any) -> HttpResponse:
        return HttpResponse()


class Tasks(ListView):  # type: ignore[type-arg]
    model = AssessmentTask

    def dispatch(self, *_: Any, **__: Any) -> HttpResponse:
        return HttpResponse([AssessmentTask.objects.count(), self.get_object().pk])

    def get_object(self) -> Quiz:
        return get_object_or_404(Quiz, pk=self.kwargs["pk"])


urlpatterns = [
    path("l/<int:pk>/", Tasks.as_view()),
    path("a/<int:quiz_id>/", plain),
    path("b/courses/<int:pk>/edit/", plain),
    path("c/<int:pk>/", naming),
    path("d/<str:who>/", ByName.as_view(model="users.User")),
    path("e/<int:task_id>/of/<int:pk>/", Declared.as_view()),
    path("f/<int:quiz_id>/<int:course_id>/", plain),
    path("g/<str:app_label>/<str:model_name>/tasks/", plain),
    path("h/<path:path>/", plain),
    re_path(r"^i/(?P<graded_by_id>[0-9]+)\.html$", Declared.as_view()),
    path("j/<uuid:course_id>/", plain),
    path("k/<int:base_task_id>/", plain),
]


@pytest.fixture(scope="module")
def routes() -> dict[str, dict[str, Any]]:
    """The routes by their first letter."""
    with override_settings(ROOT_URLCONF=__name__):
        return {each["path"][1]: each for each in list_urls(lambda *_: None)["routes"]}


def first(route: dict[str, Any]) -> str:
    """Return the likeliest draw, without its order."""
    return str(route["draws"][0]["sql"]).partition(" ORDER BY ")[0]


@pytest.mark.parametrize(
    ("letter", "sql"),
    [
        ("a", "SELECT id AS quiz_id FROM assessment_quiz"),
        ("b", "SELECT id AS pk FROM learning_course"),
        ("c", "SELECT id AS pk FROM assessment_submission"),
        ("d", 'SELECT "username" AS "who" FROM users_user'),
        ("i", "SELECT id AS graded_by_id FROM users_user"),
        ("l", "SELECT id AS pk FROM assessment_quiz"),
    ],
)
def test_the_likeliest_rows_are_those_that_name_path_code_or_view_point_at(
    routes: dict[str, dict[str, Any]], letter: str, sql: str
) -> None:
    assert first(routes[letter]) == sql


def test_rows_that_belong_together_are_joined_and_of_others_there_is_one_each(
    routes: dict[str, dict[str, Any]],
) -> None:
    joined = "JOIN assessment_submission ON assessment_submission.task_id = tasks_assessmenttask.id"
    assert joined in first(routes["e"])
    assert routes["e"]["draws"][0]["reads"] == [["tasks_assessmenttask.id", "assessment_submission.id"]]
    assert routes["f"]["draws"][0]["sql"].count("ORDER BY id LIMIT 1") == 2
    assert routes["f"]["draws"][0]["reads"] == [["assessment_quiz.id"], ["learning_course.id"]]


def test_app_and_model_are_those_of_the_path_and_what_inherits_comes_first(routes: dict[str, dict[str, Any]]) -> None:
    tried = [each["sql"].partition(" AND model = ")[2].partition(" ")[0] for each in routes["g"]["draws"]]
    assert tried[:2] == ["'quiztask'", "'assessmenttask'"]


def test_what_no_model_has_is_unknown(routes: dict[str, dict[str, Any]]) -> None:
    assert [routes[each]["unknown"] for each in "hjk"] == [["path"], ["course_id"], ["base_task_id"]]
    assert [routes[each]["draws"] for each in "hjk"] == [[], [], []]


def test_a_path_of_an_expression_is_one_that_can_be_asked(routes: dict[str, dict[str, Any]]) -> None:
    assert routes["i"]["path"] == "/i/{graded_by_id}.html"


def test_the_first_row_is_followed_by_ones_own_by_those_that_inherit_and_by_the_last() -> None:
    own, inheriting = Choice(Submission, {"pk": "id"}), Choice(AssessmentTask, {"pk": "id"})
    assert [each["sql"].partition("assessment_submission ")[2] for each in draws([[own]], owned=True)] == [
        "ORDER BY id",
        "WHERE user_id = %(user)s ORDER BY id",
        "ORDER BY id DESC",
    ]
    assert [each["sql"].partition(" FROM ")[2] for each in draws([[inheriting]], owned=True)] == [
        "tasks_assessmenttask ORDER BY id",
        "tasks_quiztask ORDER BY assessmenttask_ptr_id",
        "tasks_assessmenttask ORDER BY id DESC",
    ]


def test_there_are_never_more_than_twelve_draws() -> None:
    several = [Choice(each, {"a": "id"}) for each in (Submission, AssessmentTask, Quiz, UserProgress)]
    others = [replace_name(each) for each in several]
    found = draws([several, others], owned=True)
    assert len(found) == len({each["sql"] for each in found}) == 12


def replace_name(choice: Choice) -> Choice:
    """Return a choice for another placeholder."""
    return Choice(choice.model, {"b": "id"})
