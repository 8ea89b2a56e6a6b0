"""Every profile of this repository runs headless at reduced length, on a small project with operations of its own."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from harness.cli import main
from harness.cli._load_report import exit_code
from harness.errors import ConfigurationError
from harness.operations import read_operations
from harness.probes.load import Load
from harness.probes.load.profiles import check_operations, read_profile, read_profiles
from harness.probes.load.stage import LoadOptions, find_file
from harness.probes.world import World
from harness.rollout import Rollout, Source, read_rollout
from harness.runs import Run
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
SHORTER = 2.5
"""How much shorter than --quick the profiles are here: a minute in all."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A library, migrated and filled once, with the profiles of this repository; the search ends soon."""
    folder = tmp_path_factory.mktemp("profiles")
    write_library(folder)
    (folder / "rollout.toml").write_text(ROLLOUT)
    (folder / "operations.toml").write_text(OPERATIONS)
    (folder / "profiles.toml").write_text(shortened())
    rollout = read_rollout(folder / "rollout.toml")
    run = Run.create(folder / "runs", 1)
    catalog = read_operations(folder / "operations.toml")
    made = World(rollout, rollout.find_phase(1), catalog, run, database="sqlite", quick=True, emit=lambda event: None)
    with closing(made):
        yield made


def shortened() -> str:
    """Return the profiles with a still shorter --quick; memory would need more looks than fit into such a soak."""
    text = PROFILES.read_text().replace("limit = 500", "limit = 6")
    text = re.sub(r'    \{ measure = "memory growth".*\n', "", text)
    text = re.sub(r"(?<=^shorter = )\d+", lambda found: str(float(found[0]) * SHORTER), text, flags=re.MULTILINE)
    return re.sub(r"^\[profile\.\w+\.quick\]\n(?:.+\n?)+", _shorten, text, flags=re.MULTILINE)


def _shorten(section: re.Match[str]) -> str:
    def divide(found: re.Match[str]) -> str:
        return f"{found[1]} = {int(int(found[2]) / SHORTER) if found[1] == 'least' else int(found[2]) / SHORTER:g}"

    return re.sub(r"^(seconds|warmup|least) = (\d+)$", divide, section[0], flags=re.MULTILINE)


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.parametrize("name", NAMES)
def test_every_profile_runs_headless(world: World, name: str) -> None:
    options = Load().read_options({**world.phase.entry("load").options, "profile": name}, "the options of the load")

    evidence = Load().measure(world, options)

    profile = read_profile(Path(world.rollout.folder) / "profiles.toml", name, quick=True)
    assert profile.length < 0.6 * read_profile(PROFILES, name, quick=True).length
    held = [each for each in evidence.unsound if not any(words in each for words in EXPECTED)]
    found = {each.name: each.value for each in evidence.measurements}
    assert held == []
    assert found["requests"] >= profile.least
    assert found["error share"] == 0
    assert exit_code(evidence) in (0, 1 if evidence.findings else 3)


@pytest.mark.slow
@pytest.mark.alone
def test_the_breakpoint_is_searched_headless(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    folder = Path(world.rollout.folder)
    options = ["--quick", "--project", str(folder), "--database", "sqlite", "--format", "json"]
    code = main(["load", "breakpoint", *options])

    found = json.loads(capsys.readouterr().out)
    assert found["steps"][0]["rate"] == 5
    assert code == (3 if found["doubt"] else 0)


def test_a_project_without_profiles_gets_those_of_the_harness(tmp_path: Path) -> None:
    rollout = Rollout(name="bare", source=Source(release="a"), release=[], phase=[], folder=str(tmp_path))

    own = find_file(rollout, LoadOptions().profiles)
    assert set(read_profiles(own, quick=True)) == {*NAMES, "breakpoint"}
    assert not [
        each for profile in read_profiles(own, quick=False).values() for each in profile.thresholds if each.about
    ]
    assert find_file(rollout, LoadOptions().locustfile).is_file()
    assert find_file(rollout, "mine.toml") == tmp_path / "mine.toml"

    (tmp_path / "loadtests").mkdir()
    (tmp_path / "loadtests/profiles.toml").touch()
    assert find_file(rollout, LoadOptions().profiles) == tmp_path / "loadtests/profiles.toml"


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
