"""Running another program: what it prints, how it ends, and that nothing of it is left."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from harness.errors import ProbeError
from harness.subprocesses import clean_environment, last_words, run
from tests.harness.processes import has_ended


def execute(folder: Path, code: str, **changes: object) -> int:
    """Run some Python."""
    given = {"folder": folder, "log": folder / "logs/x.log", "environment": clean_environment(), "seconds": 20.0}
    return run([sys.executable, "-c", code], **{**given, **changes})  # type: ignore[arg-type]


def test_what_it_prints_goes_to_the_log_and_line_by_line_to_the_caller(tmp_path: Path) -> None:
    lines: list[str] = []

    code = execute(tmp_path, "import sys; print('one'); print('two', file=sys.stderr)", on_line=lines.append)

    assert code == 0
    assert lines == ["one", "two"]
    assert (tmp_path / "logs/x.log").read_text() == "one\ntwo\n"


def test_lines_of_an_earlier_program_are_kept_and_not_told_again(tmp_path: Path) -> None:
    lines: list[str] = []
    execute(tmp_path, "print('earlier')")

    execute(tmp_path, "print('later')", on_line=lines.append)

    assert lines == ["later"]
    assert (tmp_path / "logs/x.log").read_text() == "earlier\nlater\n"


def test_the_exit_code_is_returned_and_a_signal_is_negative(tmp_path: Path) -> None:
    assert execute(tmp_path, "raise SystemExit(7)") == 7
    assert execute(tmp_path, "import os; os.kill(os.getpid(), 15)") == -15


def test_a_child_that_outlives_the_program_neither_blocks_nor_stays(tmp_path: Path) -> None:
    child = (
        "import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']).pid)"
    )
    lines: list[str] = []
    began = time.monotonic()

    execute(tmp_path, child, on_line=lines.append)

    assert time.monotonic() - began < 10
    assert gone(int(lines[0]))


def test_an_exception_of_the_caller_lets_the_program_clean_up(tmp_path: Path) -> None:
    code = (
        "import pathlib, time\nprint('ready', flush=True)\n"
        "try:\n    time.sleep(600)\nexcept KeyboardInterrupt:\n    pathlib.Path('cleaned').touch()\n"
    )

    def stop(line: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        execute(tmp_path, code, on_line=stop)

    assert (tmp_path / "cleaned").exists()


def test_a_program_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProbeError, match="no-such-program"):
        run(["./no-such-program"], folder=tmp_path, log=tmp_path / "x.log", environment={}, seconds=1)


def test_the_last_words_prefer_the_lines_asked_for(tmp_path: Path) -> None:
    (tmp_path / "x.log").write_text("first\nERROR one\nERROR two\n\nlast\n")
    (tmp_path / "empty.log").touch()

    assert last_words(tmp_path / "x.log", "ERROR") == "ERROR two"
    assert last_words(tmp_path / "x.log", "nothing") == "last"
    assert last_words(tmp_path / "x.log") == "last"
    assert last_words(tmp_path / "empty.log") == ""


def test_additions_to_the_environment_win(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEPT", "old")

    environment = clean_environment({"KEPT": "new"})

    assert environment["KEPT"] == "new"
    assert environment["PATH"] == os.environ["PATH"]


def gone(process: int) -> bool:
    """Tell whether a process ended within a second (or waits only for its parent to notice)."""
    for _ in range(20):
        if has_ended(process):
            return True
        time.sleep(0.05)
    return False
