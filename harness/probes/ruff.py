"""Runs single rules of Ruff in a process of its own and reads its report."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from harness import subprocesses
from harness.errors import ProbeError
from harness.probes.sources import Source, require_tool
from harness.probes.world import World
from harness.temporary import temporary_folder

SECONDS = 300.0
UNREAD = ("E902", "invalid-syntax")


class Place(msgspec.Struct, frozen=True):
    """Where something was found."""

    row: int


class Diagnostic(msgspec.Struct, frozen=True):
    """One result of Ruff."""

    code: str | None
    message: str
    filename: str
    location: Place


def check(
    world: World, probe: str, sources: Sequence[Source], rules: Sequence[str], settings: Sequence[str] = ()
) -> list[Diagnostic]:
    """Check files by `rules`, without the project's configuration and its `noqa` comments.

    `settings` are pairs like "lint.mccabe.max-complexity=10". File names come back relative to the rollout file. Raises
    ProbeError where Ruff breaks off or does not read a file: that is a warning to it, and its exit code says nothing.
    """
    require_tool("ruff")
    folder, log = Path(world.rollout.folder), world.log(probe.replace(" ", "-"))
    unread: list[str] = []
    with temporary_folder("ruff") as scratch:
        output = Path(scratch, "report.json")
        switches = ["--isolated", "--no-cache", "--ignore-noqa", "--exit-zero", "--select", ",".join(rules)]
        switches += [word for setting in settings for word in ("--config", setting)]
        switches += ["--output-format", "json", "--output-file", str(output)]
        code = subprocesses.run(
            [sys.executable, "-m", "ruff", "check", *switches, *(source.file for source in sources)],
            folder=folder,
            log=log,
            environment=subprocesses.clean_environment({"NO_COLOR": "1"}),
            seconds=SECONDS,
            on_line=lambda line: unread.append(line) if "Failed to lint" in line else None,
        )
        if code != 0 or not output.is_file():
            raise ProbeError(f"Ruff ended with {code} and no report: {subprocesses.last_words(log)}")
        found = _read(output, folder)
    unread += [f"{each.filename}: {each.message}" for each in found if each.code is None or each.code in UNREAD]
    if unread:
        raise ProbeError(f"Ruff did not read every file: {unread[0]}")
    return found


def _read(output: Path, folder: Path) -> list[Diagnostic]:
    try:
        found = msgspec.json.decode(output.read_bytes(), type=list[Diagnostic])
    except msgspec.MsgspecError as error:
        raise ProbeError(f"Ruff's report cannot be read ({error}); is its version 0.11 or newer?") from None
    base = os.path.realpath(folder)
    return [
        msgspec.structs.replace(each, filename=os.path.relpath(os.path.realpath(folder / each.filename), base))
        for each in found
    ]
