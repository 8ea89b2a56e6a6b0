"""django-querycount serves the developer's console; where its header is wrong, the capture is right."""

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from querycount.middleware import QueryCountMiddleware

from core.models import Course
from tests.factories import CourseFactory

pytestmark = pytest.mark.django_db
HEADER = "X-DjangoQueryCount-Count"


@pytest.fixture
def console(settings, monkeypatch):
    """The middleware as a developer has it, around a view."""
    settings.DEBUG = True
    monkeypatch.setitem(QueryCountMiddleware.__init__.__globals__["QC_SETTINGS"], "RESPONSE_HEADER", HEADER)
    connection.force_debug_cursor = True
    yield lambda view: QueryCountMiddleware(lambda request: view())
    connection.force_debug_cursor = False
    connection.queries_log.clear()


def count(console, view, queries, rf):
    with queries() as captured:
        response = console(view)(rf.get("/"))
    return int(response[HEADER]), captured


def test_it_counts_a_plain_view_as_the_capture_does(console, queries, rf):
    def view():
        Course.objects.count()
        return HttpResponse()

    header, captured = count(console, view, queries, rf)

    assert (header, captured.total) == (1, 1)


def test_it_takes_savepoints_for_queries(console, queries, rf):
    def view():
        with transaction.atomic():
            Course.objects.count()
        return HttpResponse()

    header, captured = count(console, view, queries, rf)

    assert header == 3
    assert (captured.total, captured.transactions) == (1, 2)


@pytest.mark.filterwarnings("ignore:Limit for query logging exceeded")
def test_it_counts_the_log_of_django_instead_of_the_request(console, queries, rf):
    def view():
        for _ in range(3):
            Course.objects.count()
        return HttpResponse()

    most = connection.queries_log.maxlen
    connection.queries_log.extend([{"sql": "SELECT 1"}] * most)
    header, captured = count(console, view, queries, rf)

    assert header == 2 * most
    assert captured.total == 3


@pytest.mark.queries(n_plus_one=0)
def test_it_does_not_say_which_line_repeats(console, queries, rf):
    CourseFactory.create_batch(3)
    connection.queries_log.clear()

    def view():
        return HttpResponse([course.instructor.username for course in Course.objects.all()])

    header, captured = count(console, view, queries, rf)

    assert header == 4
    [repeated] = captured.repeated
    assert repeated["relation"] == "core.Course.instructor"
    assert repeated["path"][0]["function"].startswith("test_it_does_not_say_which_line_repeats")
