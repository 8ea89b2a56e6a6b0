"""Operations are bound to rows of a database."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from harness.databases import Database
from harness.errors import ConfigurationError, ProbeError
from harness.operations import Actor, Catalog, Operation
from harness.probes.binding import bind

READER = Actor(
    name="reader",
    draw="SELECT id AS reader, 'secret-' || username AS token FROM auth_user ORDER BY id",
    headers={"Authorization": "Token {token}"},
)


def bound(database: Database, operation: Operation, count: int = 1, **more: Any) -> list[Any]:
    with bind(Catalog(actor=[READER], operation=[operation]), database, **more) as binder:
        return binder.draw(operation, count)


def test_values_fill_path_body_and_headers_with_their_types(filled: Database) -> None:
    operation = Operation(
        name="write",
        request="POST /books/{title}/",
        actor="reader",
        draw="SELECT 'War/Peace ' || %(reader)s AS title, 7 AS pages, NULL AS missing",
        body={"pages": "{pages}", "text": "{pages} pages", "list": ["{missing}", 1, True]},
    )

    request = bound(filled, operation)[0].as_request()

    assert request["path"].startswith("/books/War%2FPeace%20")
    assert request["body"] == {"pages": 7, "text": "7 pages", "list": [None, 1, True]}
    assert request["headers"]["Authorization"].startswith("Token secret-reader")


def test_a_bound_request_shows_no_token(filled: Database) -> None:
    assert "secret" not in repr(bound(filled, Operation(name="read", request="GET /", actor="reader"))[0])


def test_reads_prefer_popular_rows(filled: Database) -> None:
    operation = Operation(name="read", request="GET /{book}/", draw="SELECT id AS book FROM library_book ORDER BY id")

    paths = Counter(each.path for each in bound(filled, operation, 1000))

    assert paths["/1/"] > 5 * paths["/40/"]
    assert len(paths) > 40


def test_the_same_seed_draws_the_same_rows(filled: Database) -> None:
    operation = Operation(name="read", request="GET /{book}/", draw="SELECT id AS book FROM library_book ORDER BY id")

    assert [each.path for each in bound(filled, operation, 20)] == [each.path for each in bound(filled, operation, 20)]
    assert [each.path for each in bound(filled, operation, 20)] != [
        each.path for each in bound(filled, operation, 20, seed=1)
    ]


def test_writes_use_every_row_once_and_then_say_so(filled: Database) -> None:
    operation = Operation(
        name="lend",
        request="POST /{book}/",
        actor="reader",
        draw="SELECT %(reader)s AS reader, id AS book FROM library_book ORDER BY id LIMIT 2",
    )

    paths = [(each.path, each.headers["Authorization"]) for each in bound(filled, operation, 6)]

    assert len(set(paths)) == 6
    with pytest.raises(ProbeError, match="'lend' cannot be measured: its draw returns only 6 rows, and all are used"):
        bound(filled, operation, 7)


def test_a_unique_text_is_given_once(filled: Database) -> None:
    operation = Operation(name="name", request="POST /", body={"title": "Book {unique}"})

    titles = [each.body["title"] for _ in range(2) for each in bound(filled, operation, 3)]

    assert len(set(titles)) == 6


def test_the_first_binding_is_the_most_popular_row_of_somebody_who_has_one(filled: Database) -> None:
    operation = Operation(
        name="show",
        request="GET /{book}/",
        actor="reader",
        draw="SELECT id AS book FROM library_book WHERE %(reader)s = 2 ORDER BY id DESC",
    )

    with bind(Catalog(actor=[READER], operation=[operation]), filled) as binder:
        assert binder.first(operation).path == "/70/"


def test_percent_signs_and_parameters_are_written_alike_for_both_engines(filled: Database) -> None:
    operation = Operation(
        name="read", request="GET /{n}/", draw="SELECT COUNT(*) AS n FROM library_book WHERE title LIKE 'Book 1%%'"
    )

    assert bound(filled, operation)[0].path == "/11/"


@pytest.mark.parametrize(
    ("operation", "error", "message"),
    [
        (
            Operation(name="a", request="GET /", draw="SELECT %(shelf)s AS x"),
            ConfigurationError,
            "The draw of operation 'a' uses %(shelf)s, which its actor's draw does not give",
        ),
        (
            Operation(name="b", request="GET /", draw="SELECT shelf FROM library_book"),
            ProbeError,
            "The draw of operation 'b' fails: no such column: shelf",
        ),
        (
            Operation(name="c", request="GET /", draw="SELECT 1 WHERE 1 = 0"),
            ProbeError,
            "Operation 'c' cannot be measured: its draw returns no row for any of its actors",
        ),
    ],
)
def test_a_wrong_draw_is_one_sentence_with_the_operation(
    filled: Database, operation: Operation, error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        bound(filled, operation)

    assert message in str(caught.value)


@pytest.mark.parametrize("first", [True, False])
def test_an_actor_without_rows_is_named(filled: Database, first: bool) -> None:
    nobody = Actor(name="ghost", draw="SELECT id FROM auth_user WHERE id < 0")
    operation = Operation(name="haunt", request="GET /", actor="ghost")

    with (
        bind(Catalog(actor=[nobody], operation=[operation]), filled) as binder,
        pytest.raises(ProbeError, match="'haunt' cannot be measured: the draw of actor 'ghost' returns no row; seed"),
    ):
        binder.first(operation) if first else binder.draw(operation, 1)


def test_sessions_become_cookies(filled: Database) -> None:
    actor = Actor(name="clerk", draw='SELECT id AS "user" FROM auth_user ORDER BY id', session=True)
    operation = Operation(name="work", request="GET /", actor="clerk")
    catalog = Catalog(actor=[actor], operation=[operation])

    with bind(catalog, filled, open_sessions=lambda users: [f"sessionid={user}" for user in users]) as binder:
        assert binder.first(operation).headers == {"Cookie": "sessionid=1"}
        assert binder.headers(actor, 2) == [{"Cookie": "sessionid=1"}, {"Cookie": "sessionid=2"}]
    with bind(catalog, filled) as binder, pytest.raises(ProbeError, match="'clerk' needs sessions"):
        binder.first(operation)


@pytest.mark.postgres
def test_draws_run_on_postgresql_as_on_sqlite(database: Database) -> None:
    person = Actor(name="person", draw="SELECT n AS person FROM generate_series(1, 3) AS n ORDER BY n")
    operation = Operation(
        name="write",
        request="POST /{person}/{n}/",
        actor="person",
        draw="""
            SELECT n, 1.50 AS grade, DATE '2026-01-31' AS day, 10 %% 4 AS rest
            FROM generate_series(1, 9) AS n WHERE n > %(person)s AND 'War' LIKE 'W%%' ORDER BY n
        """,
        body={"grade": "{grade}", "day": "{day}", "rest": "{rest}"},
    )

    with bind(Catalog(actor=[person], operation=[operation]), database) as binder:
        first = binder.first(operation)
        keys = binder.keys(first, "SELECT n FROM generate_series(1, 5) AS n WHERE n <> %(n)s ORDER BY n")

    assert first.path == "/1/2/"
    assert first.body == {"grade": "1.50", "day": "2026-01-31", "rest": 2}
    assert keys == [1, 3, 4, 5]


@pytest.mark.postgres
def test_an_error_of_postgresql_quotes_no_row(database: Database) -> None:
    mistaken = Operation(name="a", request="GET /", draw="SELECT shelf")
    casting = Operation(name="b", request="GET /", draw="SELECT ('Iris' || n)::integer FROM generate_series(1, 2) AS n")

    with bind(Catalog(operation=[mistaken, casting]), database) as binder:
        with pytest.raises(ProbeError, match=r"The draw of operation 'a' fails: column \"shelf\" does not exist"):
            binder.first(mistaken)
        with pytest.raises(ProbeError, match=r"The draw of operation 'b' fails: InvalidTextRepresentation\."):
            binder.first(casting)
