"""The API's own tests once more, on PostgreSQL: on the developer's machine they run on SQLite in memory."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from tests.apps.databases import as_default

ROOT = Path(__file__).parents[2]
SUITES = [
    "course_tasks", "courses", "errors", "grading", "overview", "query_counts", "quizzes", "resubmission",
    "services_page", "submissions", "tasks", "users",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.postgres
def test_the_api_behaves_alike_on_postgresql(postgresql):
    files = [f"tests/apps/test_{name}.py" for name in SUITES]
    environment = os.environ | {"DATABASE_URL": postgresql.url, "PYTEST_ADDOPTS": ""}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--reuse-db", *files]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
    assert " passed" in done.stdout
    assert "skipped" not in done.stdout
    with as_default(postgresql.url), connection.cursor() as cursor:
        cursor.execute("DROP DATABASE test_postgres")  # fails unless it was the database of these tests
