"""Temporary folders: a harness that is killed leaves them, and the next one removes them, but no others."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness import temporary
from harness.temporary import sweep, temporary_folder

LEAVE_ONE = """
import os, signal
from harness.temporary import temporary_folder
with temporary_folder("test") as folder:
    print(folder, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary folders of its own."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def left(base: Path) -> Path:
    """What a killed process has left."""
    done = subprocess.run([sys.executable, "-c", LEAVE_ONE], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL
    folder = Path(done.stdout.strip())
    assert folder.is_dir()
    return folder


def test_a_folder_is_gone_with_its_context(base: Path) -> None:
    with temporary_folder("test") as folder:
        assert Path(folder).parent == base

    assert list(base.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing tells a process from a later one")
def test_what_a_killed_harness_left_is_removed_by_the_next(left: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (left / "data").mkdir()
    (left / "link").symlink_to(Path(__file__).parent, target_is_directory=True)
    temporary._sweep_once.cache_clear()

    with temporary_folder("test"):
        assert not left.exists()
    assert Path(__file__).is_file()


def test_the_folder_of_a_harness_that_still_runs_stays(base: Path) -> None:
    with temporary_folder("test") as folder:
        sweep(base)

        assert Path(folder).is_dir()


@pytest.mark.parametrize("text", [None, "", "{}", '{"machine": "another", "pid": 1, "started": 0}'])
def test_a_folder_that_is_not_surely_abandoned_stays(base: Path, text: str | None) -> None:
    folder = base / "harness-somebody"
    folder.mkdir()
    if text is not None:
        (folder / ".owner").write_text(text, encoding="utf-8")

    sweep(base)

    assert folder.is_dir()


def test_an_empty_folder_goes_once_it_can_no_longer_be_a_new_one(base: Path) -> None:
    old, new = base / "harness-old", base / "harness-new"
    for folder in (old, new):
        folder.mkdir()
    os.utime(old, (0, 0))

    sweep(base)

    assert (old.exists(), new.exists()) == (False, True)


def test_a_folder_of_another_name_stays_whatever_it_holds(left: Path) -> None:
    other = left.rename(left.with_name("precious"))

    sweep(other.parent)

    assert other.is_dir()


def test_a_link_to_an_abandoned_folder_stays(left: Path, base: Path) -> None:
    target = left.rename(base / "precious")
    (base / "harness-link").symlink_to(target, target_is_directory=True)

    sweep(base)

    assert (base / "harness-link").is_symlink()
    assert target.is_dir()


def test_every_temporary_folder_of_the_harness_is_of_this_kind() -> None:
    house = Path(temporary.__file__).parent
    # The server's folder has a watchdog of its own, and the agent knows no other room.
    apart = {house / "temporary.py", house / "databases/lodging.py", *house.glob("agent/**/*.py")}
    makes_one = re.compile(r"TemporaryDirectory\(|mkdtemp\(")

    others = [file for file in house.rglob("*.py") if file not in apart and makes_one.search(file.read_text())]

    assert others == []
