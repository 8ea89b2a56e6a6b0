"""Every profile of this repository runs headless at reduced length, on a small project with operations of its own."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from harness.cli import main
from harness.errors import ConfigurationError
from harness.probes.load.profiles import check_operations, read_profile, read_profiles
from tests.harness.load.test_command import ROLLOUT, ROOT
from tests.harness.queries.library import write_library

PROFILES = ROOT / "loadtests" / "profiles.toml"
NAMES = sorted(set(tomllib.loads(PROFILES.read_text())["profile"]) - {"breakpoint"})
OPERATIONS = """
[[operation]]
name = "list courses"
request = "GET /books/"
weight = 3

[[operation]]
name = "show course"
request = "GET /books/{book}/"
draw = "SELECT id AS book FROM library_book ORDER BY id"
"""
EXPECTED = ("% busy", "of a core")
"""What other programs on this machine may cause."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A library with the profiles of this repository; the search ends soon."""
    write_library(tmp_path)
    (tmp_path / "rollout.toml").write_text(ROLLOUT)
    (tmp_path / "operations.toml").write_text(OPERATIONS)
    (tmp_path / "profiles.toml").write_text(PROFILES.read_text().replace("limit = 500", "limit = 6"))
    return tmp_path


def load(project: Path, name: str) -> int:
    return main(["load", name, "--quick", "--project", str(project), "--database", "sqlite", "--format", "json"])


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.parametrize("name", NAMES)
def test_every_profile_runs_headless(project: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    code = load(project, name)

    evidence = json.loads(capsys.readouterr().out)
    profile = read_profile(PROFILES, name, quick=True)
    held = [each for each in evidence["unsound"] if not any(words in each for words in EXPECTED)]
    if name == "soak":  # ten seconds of a busy machine may be too short for memory
        held = [each for each in held if not each.startswith("memory growth")]
    found = {each["name"]: each["value"] for each in evidence["measurements"]}
    assert held == []
    assert found["requests"] >= profile.least
    assert found["error share"] == 0
    assert code in (0, 1 if evidence["findings"] else 3)


@pytest.mark.slow
@pytest.mark.alone
def test_the_breakpoint_is_searched_headless(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = load(project, "breakpoint")

    found = json.loads(capsys.readouterr().out)
    assert found["steps"][0]["rate"] == 5
    assert code == (3 if found["doubt"] else 0)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("rate2 = 4", "unknown key 'rate2'"),
        ("people = 4", "needs either 'rate' or 'people'"),
        ('warmup = "x"', "expected `float`, got `str`"),
        ("least = 0", "'least' must be 1 or more"),
        ("users = 0", "needs a positive rate"),
        ("warmup = inf", "needs a positive rate"),
        ('thresholds = [{ measure = "p96", at_most = 5 }]', "invalid enum value 'p96'"),
        ('thresholds = [{ measure = "p95" }]', "needs 'at_most' or 'at_least'"),
    ],
)
def test_a_mistake_in_a_profile_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "profiles.toml"
    path.write_text(f"[profile.short]\nrate = 20\nseconds = 1\n{line}\n")

    with pytest.raises(ConfigurationError, match=message):
        read_profiles(path, quick=False)


def test_more_requests_than_can_be_kept_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "profiles.toml"
    path.write_text("[profile.short]\nrate = 1e9\nseconds = 1\n")

    with pytest.raises(ConfigurationError, match="asks for 1000000000 requests, more than the 2000000 that are kept"):
        read_profiles(path, quick=False)


def test_a_threshold_about_an_unknown_operation_is_refused(tmp_path: Path) -> None:
    profile = read_profile(PROFILES, "baseline", quick=False)

    check_operations(profile, "baseline", ["list courses", "show course"], PROFILES)
    with pytest.raises(ConfigurationError, match="'show course', which is no operation; did you mean 'show courses'"):
        check_operations(profile, "baseline", ["show courses"], PROFILES)
