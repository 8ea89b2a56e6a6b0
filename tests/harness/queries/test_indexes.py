"""Filters that no index serves, and the server's own time, on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.databases import provision
from harness.operations import Operation
from harness.probes.queries.report import Comparison
from harness.probes.queries.side import Side
from harness.releases import Agent, open_agent
from harness.rollout import Release, Rollout
from tests.harness.queries.library import write_library

pytestmark = pytest.mark.postgres
VIEWS = """

def _ok(found):
    return JsonResponse({"n": len(list(found))})


def by_title(request):
    return _ok(Book.objects.filter(title="Book 1").order_by("id")[:20])


def by_pages(request):
    return _ok(Book.objects.filter(pages__gt=17).order_by("id")[:20])


def by_author(request):
    return _ok(Book.objects.filter(author__name="Author 1").select_related("author"))


def everything(request):
    return _ok(Book.objects.all())


def refused(request):
    try:
        Book.objects.create(title="Book 1", author=Author.objects.first())
    except Exception:
        return HttpResponse("refused", status=409)
"""
NAMES = ("by_title", "by_pages", "by_author", "everything", "refused")


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("indexes")
    rollout = write_library(folder)
    with (folder / "site/library/views.py").open("a") as views:
        views.write(VIEWS)
    with (folder / "site/urls.py").open("a") as urls:
        urls.writelines(f'urlpatterns.append(path("{name}/", views.{name}))\n' for name in NAMES)
    with provision() as server:
        database = server.create("library")
        with open_agent(rollout, rollout.find_release("old"), database, log=folder / "log") as agent:
            agent.call("migrate")
            agent.call("manage", arguments=["fill"])
            _enable(database)
            yield _answers(agent)


def _enable(database: Any) -> None:
    connection = database.connect()
    connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
    connection.close()


def _answers(agent: Agent) -> dict[str, dict[str, Any]]:
    requests = [{"method": "GET", "path": f"/{name}/", "headers": {}, "body": None} for name in NAMES]
    return dict(zip(NAMES, agent.call("request", requests=requests, plans=True), strict=True))


def unindexed(answer: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [(each["table"], each["columns"]) for one in answer["statements"] for each in one["unindexed"]]


def test_a_filter_without_an_index_is_named_whatever_the_number_of_rows(answers: dict[str, dict[str, Any]]) -> None:
    assert unindexed(answers["by_pages"]) == [("library_book", ["pages"])]
    assert unindexed(answers["by_author"]) == [("library_author", ["name"])]


def test_a_filter_that_an_index_serves_is_silent_even_where_a_result_is_sorted(
    answers: dict[str, dict[str, Any]],
) -> None:
    assert unindexed(answers["by_title"]) == []
    assert unindexed(answers["everything"]) == []
    assert answers["by_title"]["unindexed"] == 0


def test_after_an_error_of_the_database_nothing_is_claimed(answers: dict[str, dict[str, Any]]) -> None:
    assert (answers["refused"]["status"], answers["refused"]["unindexed"]) == (409, None)


def test_the_values_of_a_filter_are_not_shown(answers: dict[str, dict[str, Any]]) -> None:
    assert "17" not in str(unindexed(answers["by_pages"]))


def test_the_server_tells_its_own_time(answers: dict[str, dict[str, Any]]) -> None:
    assert 0 < answers["everything"]["server_milliseconds"] < 1000


def test_a_library_on_sqlite_claims_nothing(library: Rollout, agent: Agent, tmp_path: Path) -> None:
    request = {"method": "GET", "path": "/books/", "headers": {}, "body": None}
    [answer] = agent.call("request", requests=[request], plans=True)

    assert (answer["unindexed"], answer["server_milliseconds"]) == (None, None)


def test_the_probe_makes_a_finding_and_a_measurement_of_it(answers: dict[str, dict[str, Any]]) -> None:
    side = Side(Release(name="old", path="site", settings="settings"))
    side.answers = {name: answer for name, answer in answers.items() if name != "refused"}
    operations = [Operation(name=name, request=f"GET /{name}/") for name in side.answers]
    comparison = Comparison(operations, side, side, None)

    measured = {each.name: each.value for each in comparison.measurements() if not each.about}
    assert measured["unindexed filters"] == 2
    finding = next(each for each in comparison.findings() if each.about == "by_pages")
    assert (finding.code, finding.file) == ("unindexed-filter", "site/library/views.py")
    assert finding.why.startswith("no index serves the filter on library_book (pages): SELECT … FROM library_book")


def test_one_operation_that_is_not_known_leaves_the_measurement_out(answers: dict[str, dict[str, Any]]) -> None:
    side = Side(Release(name="old", path="site", settings="settings"), answers=answers)
    comparison = Comparison([], side, side, None)

    assert "unindexed filters" not in {each.name for each in comparison.measurements()}
