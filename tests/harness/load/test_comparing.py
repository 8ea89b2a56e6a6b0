"""Two releases side by side, really served."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.cli import main
from tests.harness.load.test_command import PROFILE, ROLLOUT
from tests.harness.queries.library import write_library

pytestmark = [pytest.mark.slow, pytest.mark.alone]
SECOND = """[[release]]
name = "good"
path = "site"
settings = "settings"
environment = { CHANGED = "1" }

[[phase]]"""
SETTINGS = """
MIDDLEWARE = [*globals().get("MIDDLEWARE", []), "changed.Changed"]
"""
MIDDLEWARE = """
import os, signal, time
from pathlib import Path
from django.http import HttpResponse

WHAT = Path(__file__).with_name("what").read_text()
CHANGED = "CHANGED" in os.environ
served = 0


def is_third():
    count = 0
    while True:
        try:
            os.close(os.open(Path(__file__).with_name(f"server-{count}"), os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            count += 1
        else:
            return count == 2


THIRD = "HARNESS_BUILD" in os.environ and is_third()


def work(seconds):
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def Changed(get_response):
    def serve(request):
        global served
        served += 1
        slow = {"disturb": THIRD, "slower": CHANGED and request.path == "/books/"}.get(WHAT, False)
        work(0.0135 if slow else 0.010)
        if CHANGED and WHAT == "slower" and request.path == "/authors/":
            return HttpResponse(status=500)
        if CHANGED and WHAT == "die" and served > 30:
            os.kill(os.getppid(), signal.SIGKILL)
            os._exit(1)
        return get_response(request)
    return serve
"""
OPERATION = '[[operation]]\nname = "{0}"\nrequest = "GET /{0}/"\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A library with two releases; the file `what` says what is wrong with the second one."""
    write_library(tmp_path)
    (tmp_path / "rollout.toml").write_text(ROLLOUT.replace("[[phase]]", SECOND, 1).replace("nothing", "short"))
    (tmp_path / "profiles.toml").write_text(PROFILE)
    (tmp_path / "operations.toml").write_text(OPERATION.format("books"))
    site = tmp_path / "site"
    (site / "settings.py").write_text((site / "settings.py").read_text() + SETTINGS)
    (site / "changed.py").write_text(MIDDLEWARE)
    (site / "what").write_text("nothing")
    return tmp_path


def compare(project: Path, what: str) -> int:
    """Compare the two releases in a few rounds."""
    (project / "site/what").write_text(what)
    options = ["--project", str(project), "--database", "sqlite", "--quick"]
    return main(["load", "short", *options, "--compare", "--release", "good"])


def test_the_one_view_that_takes_a_third_longer_is_named_and_one_that_fails_is_no_result(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ("books", "constant", "authors")
    (project / "operations.toml").write_text("".join(OPERATION.format(name) for name in names))

    assert compare(project, "slower") == 1
    told = capsys.readouterr().out
    lines = {line.split()[1].rstrip(":"): line.split()[0] for line in told.splitlines() if line.startswith("  ")}
    assert lines["books"] == "slower"
    assert lines["constant"] in ("fine", "undecided")
    assert lines["authors"] == "unsound"
    assert "answers had an unexpected status" in told
    assert "Slower: the whole interval is above 1.05" in told
    assert "queries 1 -> 1, CPU 1" in told
    assert "would have shown" in told
    page = next((project / "reports/runs").glob("*/comparison.html")).read_text()
    assert all(f'<th scope="row">{name}</th>' in page for name in names)


def test_a_second_copy_of_the_baseline_that_is_slower_makes_it_unsound(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compare(project, "disturb") == 3
    told = capsys.readouterr().out
    assert "unsound   books: the second copy of the baseline took 1." in told
    assert "\nHOLD: 1 unsound. Remove what made operations unsound" in told


def test_a_server_that_dies_is_named(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert compare(project, "die") == 4
    assert "release 'good'" in capsys.readouterr().err


def test_the_noise_of_the_machine_is_written_and_used_where_it_was_measured(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = project / "reports" / "noise.json"

    assert main(["calibrate", "--project", str(project), "--database", "sqlite", "--quick", "--rounds", "16"]) == 0
    assert "old differs from itself by up to" in capsys.readouterr().out
    assert list(json.loads(path.read_text())["operations"]) == ["books"]

    path.write_text("{")
    assert compare(project, "nothing") == 2
    assert "noise.json cannot be read" in capsys.readouterr().err
