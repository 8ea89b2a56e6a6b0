"""What phases 3 and 6 do to a PostgreSQL that is in use."""

import threading
from decimal import Decimal

import psycopg
import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from assessment.services import AssessmentService
from core.models import Submission, UserProgress
from tests.apps.databases import go_to, leaves
from tests.factories import QuizFactory, QuizTaskFactory, SubmissionFactory, UserFactory
from users.models import User

pytestmark = [pytest.mark.postgres, pytest.mark.parametrize("engine", ["postgresql"], indirect=True)]

SCANS = ("rewriting table", "verifying table", "validating foreign key", "building index")
CONSTRAINTS = [
    "assessment_submission_graded_by_id_fk",
    "course_task_position_not_negative",
    "submission_grader_has_time",
]


def query(sql, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []


def validated():
    return dict(query("SELECT conname, convalidated FROM pg_constraint WHERE conname = ANY(%s)", CONSTRAINTS))


def another_session():
    return psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor})


def test_no_statement_that_blocks_reads_or_builds(legacy):
    words, scans = [], {}
    connection.ensure_connection()
    connection.connection.add_notice_handler(lambda notice: words.append(notice.message_primary))
    query("SET client_min_messages = debug1")

    def listen(execute, sql, params, many, context):
        words.clear()
        result = execute(sql, params, many, context)
        if any(word.startswith(SCANS) and "pg_toast" not in word for word in words):
            scans[str(sql)] = list(words)
        return result

    with connection.execute_wrapper(listen):
        go_to(leaves())
    old = {sql: said for sql, said in scans.items() if "core_retired" not in sql}  # new tables, which nobody uses
    assert len(old) == 7
    assert all("VALIDATE CONSTRAINT" in sql or "CREATE INDEX CONCURRENTLY" in sql for sql in old), old


def test_constraints_hold_for_new_rows_at_once_and_for_old_ones_later(legacy):
    go_to([("core", "0007_place_course_tasks")])
    assert validated() == dict.fromkeys(CONSTRAINTS, False)
    with pytest.raises(IntegrityError), transaction.atomic():
        query("UPDATE learning_course_tasks SET position = -1")
    go_to([("core", "0008_validate")])
    assert validated() == dict.fromkeys(CONSTRAINTS, True)


def test_placing_and_validating_wait_for_nobody(legacy):
    go_to([("core", "0006_progress_completed_at")])
    with another_session() as other:
        other.execute("UPDATE assessment_submission SET content = 'being written'")
        other.execute("UPDATE learning_course SET description = 'being written'")
        query("SET lock_timeout = '500ms'")
        go_to([("core", "0008_validate")])
    assert validated() == dict.fromkeys(CONSTRAINTS, True)


@pytest.mark.parametrize("is_valid", [True, False])
def test_index_builds_can_be_repeated(legacy, is_valid):
    go_to([("core", "0009_indexes")])
    query("UPDATE pg_index SET indisvalid = %s WHERE indexrelid = 'submission_by_grader'::regclass", is_valid)
    query("DELETE FROM django_migrations WHERE name = '0009_indexes'")
    before = query("SELECT 'submission_by_grader'::regclass::oid")
    go_to(leaves())
    assert query("SELECT indisvalid FROM pg_index WHERE indexrelid = 'submission_by_grader'::regclass") == [(True,)]
    assert (query("SELECT 'submission_by_grader'::regclass::oid") == before) is is_valid


def test_a_release_that_does_not_know_graders_deletes_them(phase3):
    submission = SubmissionFactory()
    grader = UserFactory(role=User.Role.INSTRUCTOR)
    AssessmentService().grade(submission.pk, Decimal(7), actor=grader)
    query("DELETE FROM users_user WHERE id = %s", grader.pk)
    submission.refresh_from_db()
    assert (submission.grade, submission.graded_by_id, submission.graded_at is None) == (7, None, False)


def test_a_submission_being_graded_is_locked_and_its_user_and_task_are_not(phase3):
    submission = SubmissionFactory()
    with transaction.atomic(), another_session() as other:
        AssessmentService().grade(submission.pk, Decimal(7), actor=UserFactory(role=User.Role.INSTRUCTOR))
        other.execute("SELECT 1 FROM users_user WHERE id = %s FOR UPDATE NOWAIT", [submission.user_id])
        other.execute("SELECT 1 FROM tasks_assessmenttask WHERE id = %s FOR UPDATE NOWAIT", [submission.task_id])
        with pytest.raises(psycopg.errors.LockNotAvailable):
            other.execute("SELECT 1 FROM assessment_submission WHERE id = %s FOR UPDATE NOWAIT", [submission.pk])
    assert Submission.objects.get(pk=submission.pk).grade == 7


def test_tasks_completed_at_the_same_time_all_count(phase3):
    student, tasks = UserFactory(), QuizTaskFactory.create_batch(6)
    quiz = QuizFactory(tasks=tasks)
    start = threading.Barrier(len(tasks))

    def complete(task):
        start.wait()
        AssessmentService().complete_quiz_task(quiz.pk, task.pk, actor=student)
        connection.close()

    threads = [threading.Thread(target=complete, args=[task]) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    progress = UserProgress.objects.get(user=student)
    assert (progress.total_score, progress.is_completed, progress.completed_tasks.count()) == (60, True, 6)
