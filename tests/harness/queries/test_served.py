"""Queries of servers in processes of their own, as their tests see them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from harness.agent.capture import Capture
from harness.agent.served.line import Line, NotReported
from harness.agent.served.request import Rest
from harness.pytest_plugin.served import Hub, Watch, hearing
from harness.pytest_plugin.together import together
from harness.queries import ledger
from tests.harness.queries import served_suite
from tests.harness.queries.test_plugin import Result, Suite


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    suite = Suite(tmp_path_factory.mktemp("served"))
    for name, text in (
        ("settings.py", served_suite.SETTINGS),
        ("urls.py", served_suite.URLS),
        ("library/views.py", served_suite.VIEWS),
        ("applications.py", served_suite.APPLICATIONS),
        ("asgi_server.py", served_suite.ASGI_SERVER),
    ):
        with (suite.folder / name).open("a") as file:
            file.write(text)
    return suite.run("test_served.py", served_suite.SUITE, ini=served_suite.INI)


def test_requests_count_like_those_of_the_test_client(result: Result) -> None:
    expected = {f"{name}[{server}]" for name in served_suite.PASSING for server in ("gunicorn", "asgi")}
    assert result.passed == expected | served_suite.PASSING_ALONE, result.output


@pytest.mark.parametrize("server", ["gunicorn", "asgi"])
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("test_too_many", ["10 queries, at most 2 are allowed: 10 reads", "9 x SELECT … FROM library_author"]),
        ("test_too_many", ["from library/views.py:16 in describe\n           library/views.py:25 in books\n      thr"]),
        ("test_repeats", ["1 statement is repeated by one line (N+1).", "through library.Book.author"]),
        ("test_repeats", ['write: add select_related("author") to the query of library.Book']),
        ("test_template", ["from books.html:1 (template)", 'add select_related("author")']),
        ("test_grow", ["queries.grow() takes its rows back"]),
    ],
)
def test_a_failure_names_the_lines_of_the_server(result: Result, server: str, name: str, words: list[str]) -> None:
    failure = result.failures[f"{name}[{server}]"]
    assert [each for each in words if each not in failure] == [], failure


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("test_started_without_the_variables", "The server of applications:wsgi never said that it is watched"),
        ("test_started_without_the_variables_as_a_block_knows", "let it serve harness.agent.served.wsgi:application"),
        ("test_started_without_the_variables_as_grow_knows", "The server of applications:wsgi never said"),
        ("test_died", "A watched server ended in the middle of 1 request"),
    ],
)
def test_a_server_of_which_nothing_is_heard_fails_the_test(result: Result, name: str, words: str) -> None:
    assert words in result.failures[name], result.output
    assert result.failures[name].count("\n") == 0


@pytest.fixture
def hub() -> Iterator[Hub]:
    with hearing() as hub:
        hub.seconds = 0.01
        yield hub


@pytest.fixture
def watch(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    with hub.watch("config.wsgi:application") as watch:
        for name, value in watch.environment.items():
            monkeypatch.setenv(name, value)
        yield watch


@pytest.fixture
def hello(watch: Watch) -> Line:
    return Line("hello")


REPORT = {"queries": {}, "cache": {}, "statements": [], "database_seconds": 0.0}


def test_a_request_belongs_to_what_listened_when_it_began(hub: Hub, hello: Line) -> None:
    with ExitStack() as stack:
        before = Line("request", test="")
        whole = stack.enter_context(Capture())
        early = Line("request", test="")
        with Capture() as block:
            inside = Line("request", test="")
            inside.say(REPORT)
            early.say(REPORT)
    assert (before.answer["wanted"], early.answer["wanted"]) == (False, True)
    assert (len(hub.so_far(whole)), len(hub.so_far(block))) == (2, 1)
    assert (hub.end(whole), hub.end(block)) == ("", "")


def test_caches_are_empty_for_the_first_request_of_a_process(hello: Line) -> None:
    with Capture():
        answers = [Line("request", test="").answer["cold"] for _ in range(2)]
        with Capture():
            answers.append(Line("request", test="").answer["cold"])
    assert answers == [True, False, True]


def test_a_request_that_names_another_test_is_not_counted(watch: Watch, hello: Line) -> None:
    with Capture():
        own = Line("request", test=watch.headers["Harness-Test"])
        other = Line("request", test="another")
    assert (own.answer["wanted"], other.answer["wanted"]) == (True, False)


def test_a_request_without_an_end_is_not_passed_over(hub: Hub, hello: Line) -> None:
    with Capture() as capture:
        line = Line("request", test="")
    assert "1 request to a watched server got no answer within 0.01 s" in hub.end(capture)
    line.close()
    hub.seconds = 10
    assert "ended in the middle of 1 request" in hub.end(capture)


def test_a_server_that_has_ended_is_not_passed_over(hub: Hub, hello: Line) -> None:
    with Capture() as capture:
        Line("request", test="").say(REPORT)
    hello.close()
    with Capture() as later:
        pass
    assert hub.end(capture) == ""
    assert "The watched server of config.wsgi:application has ended" in hub.end(later)


def test_a_test_run_that_is_over_leaves_no_answer_uncounted(hub: Hub, watch: Watch, monkeypatch) -> None:
    monkeypatch.setenv("HARNESS_SERVED_KEY", "another")
    with pytest.raises(NotReported, match="it hung up"):
        Line("request", test="")
    hub.close()
    with pytest.raises(NotReported, match="start the server from a running test"):
        Line("request", test="")


@pytest.mark.parametrize(("length", "ends"), [("5", [False, True]), ("", [False, False]), ("9", [False, False])])
def test_an_answer_of_known_length_ends_with_its_last_byte(length: str, ends: list[bool]) -> None:
    rest = Rest()
    rest.announce(length)
    assert [rest.ends_with(part) for part in (2, 3)] == ends


def statement(count: int, most: int, line: int = 1) -> dict[str, object]:
    """What a report says of one statement."""
    return {
        "database": "default",
        "fingerprint": "f",
        "sql": "SELECT 1",
        "kind": "reads",
        "relation": "",
        "table": "t",
        "path": [{"file": "a.py", "line": line, "function": "f"}],
        "benign": False,
        "count": count,
        "most": most,
    }


def report(*statements: dict[str, object]) -> dict[str, object]:
    reads = sum(int(str(each["count"])) for each in statements)
    queries = {"reads": reads, "writes": 0, "transactions": 0, "cache": 1}
    return {"queries": queries, "cache": {"get": 1}, "statements": list(statements), "database_seconds": 0.5}


def test_what_requests_asked_from_the_same_lines_is_one_statement_and_no_loop() -> None:
    own = report(statement(1, 1))
    whole = together(own, [report(statement(2, 2), statement(1, 1, line=2)), report(statement(3, 3))])

    assert (whole["queries"]["reads"], whole["cache"], whole["database_seconds"]) == (7, {"get": 3}, 1.5)
    shown = [(each["path"][0]["line"], each["count"], each["most"], "served" in each) for each in whole["statements"]]
    assert shown == [(1, 1, 1, False), (1, 5, 3, True), (2, 1, 1, True)]
    assert own == report(statement(1, 1))
    assert ledger.entry(whole)["statements"] == [
        {"sql": "SELECT 1", "count": 7, "relation": "", "place": "a.py f"},
    ]


def test_whoever_watches_no_server_imports_nothing_for_it() -> None:
    script = "import sys, harness.pytest_plugin.judging; print([each for each in sys.modules if 'served' in each])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_environment_brings_the_harness_alone(watch: Watch) -> None:
    folder = Path(watch.environment["PYTHONPATH"].split(os.pathsep)[0])
    assert [each.name for each in folder.iterdir() if not each.name.startswith(".")] == ["harness"]
