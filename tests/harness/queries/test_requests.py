"""Requests through the agent: what they answer, what they cost, and what they leave behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.databases import Database, Server
from harness.errors import AgentError
from harness.releases import Agent, open_agent
from harness.rollout import Release, Rollout


def send(agent: Agent, path: str, method: str = "GET", body: Any = None, **options: Any) -> dict[str, Any]:
    request = {"method": method, "path": path, "headers": {}, "body": body}
    answers: list[dict[str, Any]] = agent.call("request", requests=[request], **options)
    return answers[0]


def rows(database: Database) -> int:
    connection = database.connect()
    try:
        return int(connection.execute("SELECT COUNT(*) FROM library_book").fetchone()[0])
    finally:
        connection.close()


def test_queries_are_counted_by_kind_and_grouped_by_the_line_that_caused_them(agent: Agent) -> None:
    answer = send(agent, "/books/?page_size=7")

    assert answer["status"] == 200
    assert answer["queries"] == {"reads": 8, "writes": 0, "transactions": 0, "cache": 0}
    repeated = next(each for each in answer["statements"] if each["count"] == 7)
    assert repeated["sql"] == "SELECT … FROM library_author WHERE library_author.id = %s LIMIT %s"
    assert [place["function"] for place in repeated["path"]][:1] == ["describe"]
    assert repeated["path"][0]["file"] == "library/views.py"
    assert repeated["path"][0]["line"] > 0


def test_a_template_that_queries_is_named_with_its_line_and_its_view(agent: Agent) -> None:
    answer = send(agent, "/shelf/")

    repeated = max(answer["statements"], key=lambda each: each["count"])
    assert repeated["count"] == 70
    assert repeated["path"][0] == {"file": "books.html", "line": 1, "function": "template", "loop": True}
    assert (repeated["path"][1]["file"], repeated["path"][1]["function"]) == ("library/views.py", "Shelf")
    assert repeated["path"][1]["line"] > 1
    assert repeated["advice"]["text"].startswith('add select_related("author") to the query of library.Book')


def test_where_only_a_package_ran_its_own_line_is_named(agent: Agent) -> None:
    statements = send(agent, "/packed/")["statements"]

    listed, repeated = sorted(statements, key=lambda each: int(each["count"]))
    where = [(place["file"], place["line"], place["function"]) for place in (repeated["path"][0], listed["path"][-1])]
    assert where == [("packed/lines.html", 2, "template"), ("packed/__init__.py", 10, "lines")]
    assert repeated["relation"] == "library.Book.author"


def test_a_list_that_is_asked_for_twice_is_to_be_kept(agent: Agent) -> None:
    [statement] = send(agent, "/packed/twice/")["statements"]

    assert statement["count"] == 2
    assert statement["advice"]["text"] == "ask once and keep the result: it is the same each time"


def test_a_streamed_answer_is_counted_to_its_end(agent: Agent) -> None:
    assert send(agent, "/stream/")["queries"]["reads"] == 5


def test_a_write_is_undone_even_where_the_project_insists_on_its_own_transaction(
    agent: Agent, filled: Database
) -> None:
    before = rows(filled)

    first = send(agent, "/add/", "POST", {"title": "The Bell", "author": 1})
    second = send(agent, "/add/", "POST", {"title": "The Bell", "author": 1})

    assert (first["status"], second["status"]) == (201, 201)
    assert first["queries"] == {"reads": 2, "writes": 1, "transactions": 2, "cache": 0}
    assert rows(filled) == before


def test_hooks_on_commit_do_not_run_when_nothing_is_committed(agent: Agent) -> None:
    first = send(agent, "/add/", "POST", {"title": "The Bell", "author": 1})
    second = send(agent, "/add/", "POST", {"title": "The Bell", "author": 1})

    assert first["sha256"] == second["sha256"]


def test_without_rollback_a_write_stays(library: Rollout, files: Server, filled: Database, tmp_path: Path) -> None:
    copy = files.copy(filled, "kept")
    with open_agent(library, library.find_release("new"), copy, log=tmp_path / "log") as agent:
        answer = send(agent, "/add/", "POST", {"title": "The Bell", "author": 1}, rollback=False)

    assert answer["cold"] is None
    assert rows(copy) == rows(filled) + 1


def test_a_project_with_atomic_requests_is_undone_too(
    library: Rollout, files: Server, filled: Database, tmp_path: Path
) -> None:
    copy = files.copy(filled, "atomic")
    atomic = Release(name="atomic", path="site", settings="settings", environment={"ATOMIC": "1"})
    with open_agent(library, atomic, copy, log=tmp_path / "log") as agent:
        broken = send(agent, "/duplicate/")
        listed = send(agent, "/books/")

    assert (broken["status"], listed["status"]) == (500, 200)
    assert rows(copy) == rows(filled)


def test_counts_do_not_depend_on_what_ran_before(agent: Agent) -> None:
    answer = send(agent, "/typed/")
    again = send(agent, "/typed/")

    assert (answer["cold"], answer["queries"]["reads"]) == (1, 0)
    assert (again["cold"], again["queries"]["reads"]) == (1, 0)


def test_an_exception_is_named_with_its_line_and_without_its_message(agent: Agent, agent_log: Path) -> None:
    answer = send(agent, "/broken/")

    assert (answer["status"], answer["exception"]) == (500, "ValueError")
    assert (answer["culprit"]["file"], answer["culprit"]["function"]) == ("library/views.py", "broken")
    assert "Murdoch" not in str(answer)
    assert "Murdoch" not in agent_log.read_text()


def test_values_inside_a_statement_do_not_leave_the_process(agent: Agent) -> None:
    answer = send(agent, "/raw/")

    assert "Murdoch" not in str(answer)
    assert answer["statements"][0]["sql"] == "SELECT … FROM library_book WHERE title = %s AND pages > %s"


def test_without_capture_only_the_answer_comes_back(agent: Agent) -> None:
    answer = send(agent, "/books/1/", capture=False)

    assert answer["status"] == 200
    assert "queries" not in answer
    assert answer["size"] > 0


def test_a_session_lets_a_user_in(library: Rollout, files: Server, filled: Database, tmp_path: Path) -> None:
    copy = files.copy(filled, "sessions")
    with open_agent(library, library.find_release("new"), copy, log=tmp_path / "log") as agent:
        cookies = agent.call("open_sessions", users=[2])
        request = {"method": "GET", "path": "/me/", "headers": {"Cookie": cookies[0]}, "body": None}
        with_session, without = agent.call("request", requests=[request, {**request, "headers": {}}], capture=False)

    assert with_session["sha256"] != without["sha256"]


def test_a_table_that_shrinks_shows_each_size_and_is_whole_again(agent: Agent, filled: Database) -> None:
    request = {"method": "GET", "path": "/books/", "headers": {}, "body": None}

    results = agent.call("grow", table="library_book", sizes=[1, 5, 60], requests=[request])

    counts = [(each["size"], each["answers"][0]["queries"]["reads"]) for each in results]
    assert counts == [(60, 51), (5, 6), (1, 2)]
    assert rows(filled) == 70


def test_only_the_named_rows_shrink(agent: Agent) -> None:
    request = {"method": "GET", "path": "/books/", "headers": {}, "body": None}

    results = agent.call("grow", table="library_book", sizes=[1, 30], requests=[request], keys=list(range(31, 71)))

    assert [each["answers"][0]["queries"]["reads"] for each in results] == [51, 32]


def test_a_table_without_a_model_is_an_error_that_names_it(agent: Agent) -> None:
    with pytest.raises(AgentError, match="No model of the project has the table 'library_shelf'"):
        agent.call("grow", table="library_shelf", sizes=[1], requests=[])
