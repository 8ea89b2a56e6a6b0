"""The data of a benchmark, written into the baseline release's schema with SQL that both databases understand.

There are as many of everything as `parents` says; a course and a quiz have 5 tasks, an assessment task has 3
submissions, a progress has 3 completed tasks. Quiz tasks are the assessment tasks from `parents` + 1 on.
"""

from __future__ import annotations

from contextlib import closing
from typing import Final

from harness.databases import Database

TOKENS: Final = {"administrator": "a" * 40, "instructor": "b" * 40, "student": "c" * 40}
NUMBERS: Final = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {parents})"
FIVE: Final = "(SELECT 0 AS k UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4) AS five"
MOMENT: Final = {
    "postgresql": "CAST('2026-03-01 08:30:00.123456+00' AS timestamptz)",
    "sqlite": "'2026-03-01 08:30:00.123456'",
}
SQL: Final = """
INSERT INTO users_user
  (username, role, password, is_superuser, first_name, last_name, email, is_staff, is_active, date_joined)
{numbers}, names(i, username, role) AS (
  SELECT -2, 'administrator', 'administrator' UNION ALL SELECT -1, 'instructor', 'instructor'
  UNION ALL SELECT i, 'student ' || i, 'student' FROM n)
SELECT username, role, '!', false, 'Ada', 'Lovelace', 'ada@example.org', false, true, {moment} FROM names ORDER BY i;

INSERT INTO authtoken_token (key, created, user_id)
SELECT '{administrator}', {moment}, 1 UNION ALL SELECT '{instructor}', {moment}, 2
UNION ALL SELECT '{student}', {moment}, 3;

INSERT INTO tasks_learningtask (title, description, created_at, updated_at, difficulty_level)
{numbers} SELECT 'Chapter ' || i, 'What there is to learn', {moment}, {moment}, 'beginner' FROM n ORDER BY i;

INSERT INTO tasks_assessmenttask
  (title, description, created_at, updated_at, due_date, difficulty_level, max_score, passing_score)
{numbers}, all_tasks(i) AS (SELECT i FROM n UNION ALL SELECT {parents} + i FROM n)
SELECT 'Task ' || i, 'What there is to do', {moment}, {moment}, {moment}, 'advanced', 10, 5.5 FROM all_tasks ORDER BY i;

INSERT INTO tasks_quiztask (assessmenttask_ptr_id, time_limit, is_randomized)
{numbers} SELECT {parents} + i, 15, false FROM n ORDER BY i;

INSERT INTO learning_course (title, description, instructor_id)
{numbers} SELECT 'Course ' || i, 'What it is about', 2 FROM n ORDER BY i;

INSERT INTO learning_course_tasks (course_id, learningtask_id)
{numbers} SELECT i, (i + k) % {parents} + 1 FROM n CROSS JOIN {five} ORDER BY i, k;

INSERT INTO assessment_submission (user_id, task_id, content, submitted_at, grade)
{numbers} SELECT 3 + (i + k) % {parents}, i, 'My answer', {moment}, CASE WHEN k = 0 THEN NULL ELSE 7.5 END
FROM n CROSS JOIN {five} WHERE k < 3 ORDER BY i, k;

INSERT INTO assessment_quiz (title, description)
{numbers} SELECT 'Quiz ' || i, 'What it is about' FROM n ORDER BY i;

INSERT INTO assessment_quiz_tasks (quiz_id, quiztask_id)
{numbers} SELECT i, {parents} + (i + k) % {parents} + 1 FROM n CROSS JOIN {five} ORDER BY i, k;

INSERT INTO assessment_userprogress (user_id, quiz_id, total_score, is_completed)
{numbers} SELECT i + 2, i, 30, false FROM n ORDER BY i;

INSERT INTO assessment_userprogress_completed_tasks (userprogress_id, quiztask_id)
{numbers} SELECT i, {parents} + (i + k) % {parents} + 1 FROM n CROSS JOIN {five} WHERE k < 3 ORDER BY i, k
"""


def fill(database: Database, parents: int) -> None:
    """Write so many parents, and their children, into the empty tables of the baseline release."""
    numbers = NUMBERS.format(parents=parents)
    moment = MOMENT[database.engine]
    text = SQL.format(parents=parents, numbers=numbers, five=FIVE, moment=moment, **TOKENS)
    with closing(database.connect()) as connection:
        for statement in text.split(";"):
            connection.execute(statement)
