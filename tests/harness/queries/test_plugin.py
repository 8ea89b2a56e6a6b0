"""The pytest plugin, in suites of a small project that run in processes of their own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from tests.harness.queries.library import write_library

REPOSITORY = Path(__file__).resolve().parents[3]
SUITE = """
import threading

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import connections, transaction
from django.test import TestCase, TransactionTestCase
from library import views
from library.models import Author, Book

pytestmark = pytest.mark.django_db


def fill(n):
    for number in range(n):
        Book.objects.create(title=f"Book {number}", author=Author.objects.create(name="A"))


@pytest.fixture
def books():
    fill(4)


@pytest.mark.queries(at_most=5)
def test_within(client, books):
    client.get("/books/")


@pytest.mark.queries(at_most=2)
def test_too_many(client, books):
    client.get("/books/")


@pytest.mark.queries(exactly=4)
def test_not_exactly(client, books):
    client.get("/books/")


@pytest.mark.queries(at_most=2)
def test_template(client, books):
    client.get("/shelf/")


@pytest.mark.queries(at_mots=2)
def test_misspelt():
    pass


@pytest.mark.queries(grows="constant")
def test_claims_growth_and_proves_none():
    pass


def test_kinds_are_apart(queries, books):
    with queries(at_most=3) as captured:
        with transaction.atomic():
            Author.objects.create(name="B")
        cache.get_or_set("key", 1)
        list(Book.objects.all())
        Book.objects.count()
    assert (captured.reads, captured.writes, captured.transactions) == (2, 1, 2)
    assert captured.cache == {"get_or_set": 1}
    assert captured.by_table == {"library_author": 1, "library_book": 2}
    assert (captured.repeated, len(captured)) == ([], 3)


def test_block_is_too_expensive(queries, books):
    with queries(at_most=0):
        Book.objects.count()


def test_a_failing_block_fails_for_its_own_reason(queries):
    with queries(at_most=0):
        Book.objects.count()
        raise KeyError("mine")


def test_grows(queries, client):
    queries.grow(populate=fill, run=lambda: client.get("/books/"))


@pytest.mark.queries(grows="linear")
def test_may_grow(queries, client):
    growth = queries.grow(populate=fill, run=lambda: client.get("/books/"), sizes=(1, 2, 5))
    assert growth.formula == "1 + N"
    assert Book.objects.count() == 0


def test_does_not_grow(queries):
    assert queries.grow(populate=fill, run=lambda: list(Book.objects.select_related("author"))).formula == "1"


def test_nothing_to_prove(queries):
    queries.grow(populate=fill, run=lambda: None)


def test_two_sizes(queries):
    queries.grow(populate=fill, run=lambda: None, sizes=(1, 2))


def test_not_deterministic(queries):
    calls = []

    def run():
        calls.append(1)
        for _ in calls:
            Book.objects.count()

    queries.grow(populate=fill, run=run)


def test_first_to_use_content_types(queries):
    with queries(exactly=1):
        ContentType.objects.get_for_model(Book)


def test_second_to_use_content_types(queries):
    with queries(exactly=1):
        ContentType.objects.get_for_model(Book)


def test_more_queries_than_the_log_of_django_holds(queries, settings):
    settings.DEBUG = True
    connection = connections["default"]
    connection.force_debug_cursor = True
    connection.queries_log.extend([{}] * connection.queries_log.maxlen)
    with queries(exactly=3):
        for _ in range(3):
            Author.objects.count()


@pytest.mark.django_db(databases=["default", "other"])
def test_second_database(queries):
    with queries(at_most=0):
        Author.objects.using("other").count()


@pytest.mark.queries(at_most=0)
def test_async_view(client, books):
    client.get("/later/")


@pytest.fixture(scope="module")
def shared(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        Author.objects.count()


@pytest.mark.queries(exactly=1)
def test_shared_fixture_is_nobodys(request):
    request.getfixturevalue("shared")
    Author.objects.count()


@pytest.mark.queries(exactly=1)
class TestCases(TestCase):
    def setUp(self):
        Author.objects.create(name="A")

    def test_method_of_a_class(self):
        self.assertEqual(Author.objects.count(), 1)

    async def test_coroutine_of_a_class(self):
        self.assertEqual(await Author.objects.acount(), 1)

    @pytest.mark.queries(exactly=9)
    def test_wrong_for_its_own_reason(self):
        self.assertEqual(Author.objects.count(), 5)


@pytest.mark.queries(exactly=1)
class TestFlushed(TransactionTestCase):
    def test_flush_is_nobodys(self):
        self.assertEqual(Author.objects.count(), 0)


@pytest.mark.django_db(transaction=True)
def test_thread(queries):
    def work():
        views.first()
        connections.close_all()

    with queries(at_most=0):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
"""
LEDGER = """
import pytest
from library.models import Author, Book

pytestmark = [pytest.mark.django_db, pytest.mark.queries]


@pytest.mark.parametrize("times", [1, 2])
def test_authors(times):
    for _ in range(times + {more}):
        Author.objects.count()


def test_block(queries):
    with queries(name="one block"):
        Book.objects.count()
"""
WHOLE = """
import threading

import pytest
from library import views
from library.models import Author, Book

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def books():
    for number in range(4):
        Book.objects.create(title=f"Book {number}", author=Author.objects.create(name="A"))


def test_view(client):
    client.get("/books/")


def test_own_loop(client):
    for _ in range(4):
        Author.objects.create(name="B")
        client.get("/books/1/")


def test_service_in_a_loop_of_the_test():
    for book in Book.objects.all():
        views.describe(book)


def test_service_that_loops_in_a_loop_of_the_test():
    for _ in range(2):
        views.titles()


def test_authors(client):
    client.get("/authors/")


@pytest.mark.django_db(transaction=True)
def test_threads_that_race():
    threads = [threading.Thread(target=views.first_of_a_thread) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.queries(n_plus_one=0)
def test_left_out(client):
    client.get("/authors/")
"""
VIEWS = """

async def later(request):
    from django.http import HttpResponse
    names = [name async for name in Author.objects.values_list("name")]
    return HttpResponse(await Author.objects.acount())


def titles():
    return [book.author.name for book in Book.objects.all()]


def first():
    return Author.objects.first()


def first_of_a_thread():
    from django.db import connections
    try:
        return first()
    finally:
        connections.close_all()
"""


class Result:
    """How the tests of a suite came out: outcome and message by name."""

    def __init__(self, finished: subprocess.CompletedProcess[str], junit: Path) -> None:
        self.code = finished.returncode
        self.output = finished.stdout + finished.stderr
        self.failures: dict[str, str] = {}
        self.passed: set[str] = set()
        for case in ElementTree.parse(junit).iter("testcase") if junit.exists() else ():
            failure = case.find("failure")
            name = case.get("name", "")
            if failure is not None:
                self.failures[name] = failure.text or ""
            else:
                self.passed.add(name)


class Suite:
    """The project with a folder of tests."""

    def __init__(self, folder: Path) -> None:
        write_library(folder)
        self.folder = folder / "site"
        with (self.folder / "library/views.py").open("a") as views:
            views.write(VIEWS)
        urls = self.folder / "urls.py"
        urls.write_text(urls.read_text() + 'urlpatterns.append(path("later/", views.later))\n')
        settings = self.folder / "settings.py"
        text = settings.read_text().replace('"/nowhere.sqlite3"', '":memory:"')
        settings.write_text(
            text + 'DATABASES["other"] = {"ENGINE": "django.db.backends.sqlite3", "NAME": "file:o?mode=memory"}\n'
            'DATABASES["default"]["TEST"] = {"NAME": "test.sqlite3"}\n'
        )

    def run(self, name: str, text: str, *options: str, ini: str = "", whole: bool = False) -> Result:
        """Write the file `name` and run it; `whole`: name no file, so that it is a run of the whole suite."""
        (self.folder / "pytest.ini").write_text(
            f"[pytest]\nDJANGO_SETTINGS_MODULE = settings\ndjango_find_project = false\npythonpath = .\n{ini}"
        )
        (self.folder / "tests").mkdir(exist_ok=True)
        (self.folder / "tests" / name).write_text(text)
        junit = self.folder / "junit.xml"
        junit.unlink(missing_ok=True)
        plugins = ("-p", "harness.pytest_plugin", "-p", "no:cacheprovider", "-p", "no:locust")
        command = [sys.executable, "-m", "pytest", *plugins, f"--junitxml={junit}", *options]
        command += [] if whole else [f"tests/{name}"]
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "SLOW": "1", "DJANGO_SETTINGS_MODULE": "settings"}
        return Result(
            subprocess.run(
                command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=120, check=False
            ),
            junit,
        )


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Suite:
    return Suite(tmp_path_factory.mktemp("suite"))


@pytest.fixture(scope="module")
def result(suite: Suite) -> Result:
    return suite.run("test_suite.py", SUITE)


def test_tests_within_their_budget_pass(result: Result) -> None:
    expected = {
        "test_within",
        "test_kinds_are_apart",
        "test_may_grow",
        "test_does_not_grow",
        "test_first_to_use_content_types",
        "test_second_to_use_content_types",
        "test_more_queries_than_the_log_of_django_holds",
        "test_shared_fixture_is_nobodys",
        "test_method_of_a_class",
        "test_coroutine_of_a_class",
        "test_flush_is_nobodys",
    }
    assert result.passed == expected, result.output


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("test_too_many", ["5 queries, at most 2 are allowed: 5 reads, 0 writes"]),
        ("test_too_many", ["4 x SELECT … FROM library_author WHERE", "from library/views.py:16 in describe"]),
        ("test_too_many", ["through library.Book.author", 'write: add select_related("author") to the query of']),
        ("test_not_exactly", ["5 queries, exactly 4 are expected"]),
        ("test_template", ["from books.html:1 (template)", 'add select_related("author")']),
        ("test_misspelt", ["does not know at_mots; it takes at_most, exactly, grows, n_plus_one."]),
        ("test_claims_growth_and_proves_none", ["never calls queries.grow()"]),
        ("test_block_is_too_expensive", ["1 query, at most 0 are allowed", "in test_block_is_too_expensive"]),
        ("test_a_failing_block_fails_for_its_own_reason", ["KeyError: 'mine'"]),
        (
            "test_grows",
            ["1 + N queries with N rows, constant is claimed.", "linear up to a page: 1, 2, 5, 9, 50 times"],
        ),
        ("test_nothing_to_prove", ["ran no query at any size"]),
        ("test_two_sizes", ["Growth needs at least 3 different sizes"]),
        ("test_not_deterministic", ["Not deterministic"]),
        ("test_second_database", ["FROM library_author  [database other]"]),
        ("test_wrong_for_its_own_reason", ["AssertionError: 1 != 5"]),
        ("test_async_view", ["in later\n           tests/test_suite.py:"]),
        ("test_thread", ["in first\n           tests/test_suite.py:", "work\n           tests/test_suite.py:"]),
    ],
)
def test_a_failure_says_how_many_of_what_from_where_and_what_to_write(
    result: Result, name: str, words: list[str]
) -> None:
    assert [each for each in words if each not in result.failures[name]] == [], result.failures[name]
    assert "/_pytest/" not in result.failures[name]


@pytest.mark.slow
def test_what_is_recorded_may_get_better_but_not_worse(suite: Suite) -> None:
    ledger = suite.folder / "reports/baselines/queries.json"
    missing = suite.run("test_ledger.py", LEDGER.format(more=1), "--queries-check")
    recorded = suite.run("test_ledger.py", LEDGER.format(more=1), "--queries-record", "-n2")
    whole = json.loads(ledger.read_text())
    same = suite.run("test_ledger.py", LEDGER.format(more=1), "--queries-check")
    worse = suite.run("test_ledger.py", LEDGER.format(more=2), "--queries-check")
    better = suite.run("test_ledger.py", LEDGER.format(more=0), "--queries-check", "-n2")
    ledger.write_text(json.dumps({**whole, "tests": {}}))
    new = suite.run("test_ledger.py", LEDGER.format(more=1), "--queries-check")

    assert "There is no ledger" in missing.output
    assert "3 entries recorded" in recorded.output or "2 entries recorded" in recorded.output, recorded.output
    assert whole["tests"]["tests/test_ledger.py::test_authors"]["reads"] == 3
    assert whole["tests"]["one block"]["statements"][0]["place"] == "tests/test_ledger.py test_block"
    assert "line" not in ledger.read_text()
    assert same.code == 0
    assert "got worse: 4 reads, recorded 3." in worse.failures["test_authors[2]"]
    assert "3 -> 4  SELECT COUNT(*)" in worse.failures["test_authors[2]"]
    assert better.code == 0
    assert "test_authors needs 2 reads instead of 3\nTighten the ledger" in better.output
    assert "is not in the ledger" in new.failures["test_block"]


def test_a_whole_suite_is_searched_for_repeated_statements(suite: Suite) -> None:
    ini = "queries_n_plus_one = 3\n"
    plain = suite.run("test_whole.py", WHOLE)
    found = suite.run("test_whole.py", WHOLE, ini=ini)

    assert plain.code == 0
    assert set(found.failures) == {"test_view", "test_authors", "test_service_that_loops_in_a_loop_of_the_test"}
    assert "1 statement is repeated by one line (N+1)." in found.failures["test_view"]
    assert "passes of the test's loop" not in found.failures["test_view"]
    loop = (
        r"8 times over all passes of the test's loop at tests/test_whole\.py:\d+; how often in one of them is not known"
    )
    assert re.search(loop, found.failures["test_service_that_loops_in_a_loop_of_the_test"])
    assert 'add annotate(n=Count("books")) to the query of library.Author' in found.failures["test_authors"]


@pytest.mark.slow
def test_ignores_count_until_their_day_and_are_reported_when_nobody_needs_them(suite: Suite) -> None:
    ini = """queries_n_plus_one = 3
testpaths = tests/test_whole.py
queries_ignore =
    library.Book.author until=2999-01-01 reason="the page is rewritten"
    library/views.py:authors until=2020-01-01 reason="was promised"
    library.Nobody.* until=2999-01-01 reason="not there"
"""
    found = suite.run("test_whole.py", WHOLE, ini=ini, whole=True)

    assert set(found.failures) == {"test_authors"}
    assert "The ignore of library/views.py:authors ended on 2020-01-01: was promised" in found.output
    assert "No test needs the ignore of library.Nobody.*; take it out." in found.output
    assert "No test needs the ignore of library.Book.author" not in found.output


@pytest.mark.parametrize(
    ("ini", "words"),
    [
        ("queries_n_plus_one = many\n", "queries_n_plus_one is 'many'"),
        ("queries_ignore = library.Book.author\n", "is not understood; write it like"),
        ('queries_ignore = x until=2999-01-01 reason="" \n', 'needs until=DATE and reason="..."'),
    ],
)
def test_a_mistake_in_the_configuration_ends_the_run_with_one_sentence(suite: Suite, ini: str, words: str) -> None:
    found = suite.run("test_whole.py", WHOLE, ini=ini)

    assert found.code == 4
    assert words in found.output
    assert "Traceback" not in found.output


def test_without_a_configured_django_one_sentence_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_plain.py").write_text(
        "import pytest\n\n\n@pytest.mark.queries(at_most=1)\ndef test_marked(): ...\n\n\n"
        "def test_fixture(queries): ...\n\n\ndef test_neither(): ...\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "DJANGO_SETTINGS_MODULE": ""}
    command = [sys.executable, "-m", "pytest", "-p", "harness.pytest_plugin", "-p", "no:locust"]
    command += ["-p", "no:cacheprovider", "-o", "queries_n_plus_one=3"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "1 passed, 1 failed" in done.stdout or "1 failed, 1 passed" in done.stdout, done.stdout
    assert done.stdout.count("Django is not set up; install pytest-django") >= 2
    assert "Traceback" not in done.stdout
    assert "django/conf" not in done.stdout


def test_the_documentation_shows_a_real_failure(result: Result) -> None:
    page = (REPOSITORY / "docs/probes/queries.md").read_text(encoding="utf-8")
    shown = page.split("<!-- failure -->\n")[1].split("<!-- end of failure -->")[0]

    remedy = "write it anew: python -m tests.harness.queries.failure"
    # Newer versions of Django have one more advice.
    failure = re.sub(r", or fetch_mode.* at once", "", result.failures["test_too_many"]).strip()
    assert shown == f"```text\n{failure}\n```\n", remedy
