"""``rollout.toml``: what it says, and how a mistake in it is answered."""

from __future__ import annotations

import pytest

from harness.errors import ConfigurationError, UsageError
from harness.rollout import read_rollout

TEXT = """
schema = 1
name = "Refactor"
[source]
release = "legacy"
seed = ["seed", "--learners", "10"]
[[release]]
name = "legacy"
path = "site"
settings = "settings"
[[phase]]
number = 1
name = "Foundation"
serves = "legacy"
[[phase]]
number = 3
name = "Consolidation"
serves = "legacy"
candidate = "legacy"
migrations = ["core"]
way_back = "migrate"
[[phase.probe]]
name = "load"
options = { profile = "smoke" }
criteria = [{ measure = "p95", require = "<= 200" }]
[[waiver]]
owner = "Ada"
reason = "mended in 4.2"
until = 2026-12-31
probe = "load"
measure = "p95"
"""


@pytest.fixture
def read(tmp_path):
    (tmp_path / "site").mkdir()

    def read(text=TEXT):
        path = tmp_path / "rollout.toml"
        path.write_text(text, encoding="utf-8")
        return read_rollout(path)

    return read


def test_a_rollout_is_read_with_paths_relative_to_its_file(read, tmp_path):
    rollout = read()
    phase = rollout.find_phase(3)
    assert rollout.path("site") == tmp_path / "site"
    assert phase.probes == ["load"]
    assert phase.entry("load").options == {"profile": "smoke"}
    assert phase.entry("security").criteria == []
    assert [earlier.number for earlier in rollout.before(phase)] == [1]
    assert rollout.waiver[0].until.year == 2026


MISTAKES = {
    "unknown key": (
        'name = "Foundation"',
        'nam = "Foundation"',
        "'nam' in 'phase[0]'; did you mean 'name'?",
    ),
    "unknown key like nothing": ("schema = 1", "zzzz = 1", "unknown key 'zzzz'; remove it."),
    "wrong type": ("number = 3", 'number = "three"', "key 'phase[1].number': expected `int`, got `str`."),
    "wrong choice": ('"migrate"', '"drive"', "one of 'nothing', 'migrate', 'serve', 'restore'"),
    "wrong schema": ("schema = 1", "schema = 2", "'schema'"),
    "missing key": ('serves = "legacy"\n[[phase]]', "[[phase]]", "missing required field `serves`"),
    "not a day": ("2026-12-31", '"soon"', "'waiver[0].until'"),
    "internal key": ("schema = 1", 'folder = "/x"', "unknown key 'folder'"),
    "number used twice": ("number = 3", "number = 1", "phase number 1 is used twice"),
    "unknown release": (
        'candidate = "legacy"',
        'candidate = "next"',
        "no release 'next'; the releases are 'legacy'",
    ),
    "release without folder": ('path = "site"', 'path = "nowhere"', "release 'legacy' has path 'nowhere'"),
    "not TOML": ("schema = 1", "schema =", "is not valid TOML"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_names_the_file_the_key_and_the_remedy(read, case):
    old, new, said = MISTAKES[case]
    assert old in TEXT
    with pytest.raises(ConfigurationError) as caught:
        read(TEXT.replace(old, new, 1))
    assert "rollout.toml" in str(caught.value)
    assert said in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_a_file_that_is_not_there_is_answered_with_the_remedy(tmp_path):
    with pytest.raises(ConfigurationError, match="--project"):
        read_rollout(tmp_path / "rollout.toml")


def test_a_folder_in_place_of_the_file_is_one_sentence(tmp_path):
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_rollout(tmp_path)


def test_bytes_that_are_no_text_are_one_sentence(tmp_path):
    (tmp_path / "rollout.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="not valid TOML"):
        read_rollout(tmp_path / "rollout.toml")


def test_a_phase_that_is_not_there_is_answered_with_those_that_are(read):
    with pytest.raises(UsageError, match="its phases are 1, 3"):
        read().find_phase(2)
