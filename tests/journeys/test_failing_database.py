"""A database that fails in the middle of a request leaves nothing half-written, and the server goes on."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from core.models import UserProgress

FAIL = {
    "postgresql": """
        CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'the disk is full'; END$$;
        CREATE TRIGGER fail BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION fail()""",
    "sqlite": "CREATE TRIGGER fail BEFORE {event} ON {table} BEGIN SELECT RAISE(ABORT, 'the disk is full'); END",
}
REPAIR = {"postgresql": "DROP TRIGGER fail ON {table}; DROP FUNCTION fail()", "sqlite": "DROP TRIGGER fail"}
WAITING = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


@contextmanager
def failing(event, table):
    """Every `event` on the table is an error."""
    execute(FAIL[connection.vendor].format(event=event, table=table))
    try:
        yield
    finally:
        execute(REPAIR[connection.vendor].format(table=table))


def execute(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize(
    ("event", "table"),
    [("INSERT", "assessment_userprogress_completed_tasks"), ("UPDATE", "assessment_userprogress")],
)
def test_a_write_that_fails_takes_the_earlier_ones_with_it(student, quiz, questions, event, table):
    with failing(event, table):
        assert student.post(f"quizzes/{quiz}/complete/", task=questions[0]).status == 500
        assert student.get("progress/").body["count"] == 0
    answer = student.post(f"quizzes/{quiz}/complete/", task=questions[0])
    assert (answer.status, answer.body["total_score"]) == (200, "1.00")


@pytest.mark.parametrize("platform", ["careless"], indirect=True)
def test_what_is_half_written_would_be_noticed(student, quiz, questions):
    with failing("UPDATE", "assessment_userprogress"):
        assert student.post(f"quizzes/{quiz}/complete/", task=questions[0]).status == 500
        assert student.get("progress/").body["count"] == 1


def test_a_server_error_says_nothing_about_the_database(student, quiz, questions):
    with failing("UPDATE", "assessment_userprogress"):
        answer = student.post(f"quizzes/{quiz}/complete/", task=questions[0])
    assert "disk" not in str(answer.body)
    assert "Server Error" in str(answer.body)


@pytest.mark.postgres
@pytest.mark.parametrize("platform", ["on_postgresql"], indirect=True)
def test_a_connection_that_breaks_takes_the_earlier_writes_with_it(student, quiz, questions):
    before = UserProgress.objects.count()
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        execute("LOCK TABLE assessment_userprogress_completed_tasks IN EXCLUSIVE MODE")
        asked = pool.submit(student.post, f"quizzes/{quiz}/complete/", task=questions[0])
        execute(f"SELECT pg_terminate_backend({backend_that_waits()})")
        answer = asked.result()
    assert answer.status == 500
    assert UserProgress.objects.count() == before
    assert student.get("progress/").body["count"] == 0
    assert student.post(f"quizzes/{quiz}/complete/", task=questions[0]).status == 200


def backend_that_waits():
    """The process of the request that has written and now waits for the lock."""
    until = time.monotonic() + 30
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            if found := cursor.execute(WAITING).fetchone():
                return found[0]
            time.sleep(0.02)
    raise AssertionError("no request waits for the lock")
