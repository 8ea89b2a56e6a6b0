"""The page of the API as its reader sees it: in a real browser, from production settings, without a network."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.apps.databases import Sqlite, go_to, leaves
from tests.endtoend.test_report_page import BROWSER, OFFLINE
from tests.journeys.served import served

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine; install the package chromium"),
]
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "config.settings.production",
    "SECRET_KEY": "of this test alone",
    "ALLOWED_HOSTS": "127.0.0.1",
    "SECURE_SSL_REDIRECT": "0",
}


@pytest.fixture
def port(tmp_path: Path, django_db_blocker: Any) -> Iterator[int]:
    """The port of the platform as a deployment runs it."""
    with django_db_blocker.unblock(), Sqlite(tmp_path).database("docs") as url:
        go_to(leaves())
    with served(url, tmp_path / "server.log", **PRODUCTION) as port:
        yield port


def test_the_page_lists_every_operation(port: int, tmp_path: Path) -> None:
    page = browse(port, tmp_path, "--dump-dom")

    shown = re.sub(r"<[^>]*>|\u200b", "", page)
    assert "Learning platform" in shown
    for path in ("/api/submissions/{id}/grade/", "/api/quizzes/{id}/complete/", "/api/courses/{id}/tasks/"):
        assert path in shown
    assert "Failed to load API definition" not in shown


def test_the_page_can_be_looked_at(port: int, tmp_path: Path) -> None:
    picture = tmp_path / "page.png"

    browse(port, tmp_path, "--window-size=1200,1600", f"--screenshot={picture}")

    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 50_000, "an empty page takes 10 kB"


def browse(port: int, temporary: Path, *arguments: str) -> str:
    """Open the page, with no host but this one, and return what the browser printed."""
    own_host_only = [argument for argument in OFFLINE if "resolver" not in argument]
    own_host_only.append("--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1")
    waiting = ["--virtual-time-budget=20000", f"--user-data-dir={temporary / 'profile'}"]
    command = [str(BROWSER), *own_host_only, *waiting, *arguments, f"http://127.0.0.1:{port}/api/docs/"]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
