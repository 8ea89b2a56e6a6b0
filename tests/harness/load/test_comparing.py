"""Two releases side by side, really served."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.cli import main
from tests.harness.load.test_command import PROFILE, ROLLOUT
from tests.harness.queries.library import write_library

pytestmark = [pytest.mark.slow, pytest.mark.alone]
SECOND = '[[release]]\nname = "good"\npath = "site"\nsettings = "settings"\nenvironment = { SLOW = "1" }\n\n[[phase]]'
SLOW = """
import os, time
if os.environ.get("SLOW"):
    MIDDLEWARE = [*globals().get("MIDDLEWARE", []), "slow.Slow"]
"""
MIDDLEWARE = """
import time

def Slow(get_response):
    def serve(request):
        time.sleep(0.02)
        return get_response(request)
    return serve
"""
OPERATIONS = '[[operation]]\nname = "list books"\nrequest = "GET /books/"\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A library with two releases, the second of which sleeps before it answers."""
    write_library(tmp_path)
    (tmp_path / "rollout.toml").write_text(ROLLOUT.replace("[[phase]]", SECOND, 1).replace("nothing", "short"))
    (tmp_path / "profiles.toml").write_text(PROFILE)
    (tmp_path / "operations.toml").write_text(OPERATIONS)
    site = tmp_path / "site"
    (site / "settings.py").write_text((site / "settings.py").read_text() + SLOW)
    (site / "slow.py").write_text(MIDDLEWARE)
    return tmp_path


def test_a_slower_release_is_found_and_the_noise_of_the_machine_is_written(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--project", str(project), "--database", "sqlite", "--quick"]

    assert main(["calibrate", *options, "--rounds", "16"]) == 0
    assert "old differs from itself by up to" in capsys.readouterr().out
    noise = json.loads((project / "reports" / "noise.json").read_text())
    assert list(noise["operations"]) == ["list books"]

    assert main(["load", "short", *options, "--compare", "--release", "good"]) == 1
    told = capsys.readouterr().out
    assert "slower    list books: it takes" in told
    assert "queries 1 -> " in told
    assert told.endswith("NO-GO\n")
