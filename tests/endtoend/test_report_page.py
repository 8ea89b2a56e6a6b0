"""The report as its reader sees it: in a real browser, from the file, without a network."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.endtoend.conftest import Outcome

pytestmark = pytest.mark.slow
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
OFFLINE = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)


@pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine; install the package chromium")
def test_the_report_of_a_run_opens_in_a_browser(sabotaged: Callable[..., Outcome], tmp_path: Path) -> None:
    outcome = sabotaged("security")

    page = browse(outcome.folder / "report.html", tmp_path, "--dump-dom")

    assert outcome.verdict["forward"] in page
    assert "Model consolidation" in page
    browse(outcome.folder / "report.html", tmp_path, "--window-size=1200,1600", f"--screenshot={tmp_path / 'page.png'}")
    assert (tmp_path / "page.png").read_bytes().startswith(b"\x89PNG")


def browse(page: Path, temporary: Path, *arguments: str) -> str:
    """Open a file in the browser and return what it printed."""
    profile = f"--user-data-dir={temporary / 'profile'}"
    command = [str(BROWSER), *OFFLINE, profile, *arguments, page.resolve().as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
