"""Runs the comparison in a process of its own and groups equal passages."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from harness import subprocesses
from harness.errors import ProbeError
from harness.probes.duplication.options import DuplicationOptions
from harness.probes.sources import Source
from harness.probes.world import World
from harness.temporary import temporary_folder

SCRIPT = Path(__file__).with_name("compare.py")
SECONDS = 600.0


class Place(msgspec.Struct, frozen=True, order=True, array_like=True):
    """Lines of a file, both ends included."""

    file: str
    start: int
    end: int

    def __str__(self) -> str:
        return f"{self.file}:{self.start}-{self.end}"

    def lines(self) -> list[tuple[str, int]]:
        """List its lines, so that one which belongs to several clones counts once."""
        return [(self.file, line) for line in range(self.start, self.end + 1)]


class Compared(msgspec.Struct, frozen=True):
    """How many lines were compared, and which places are equal."""

    lines: int
    pairs: list[tuple[Place, Place]]


def compare(world: World, sources: list[Source], options: DuplicationOptions) -> list[list[Place]]:
    """Return the clones, the longest first, each with all its places.

    Raises ProbeError where Symilar breaks off or passes over a file: it takes one that it cannot decode for empty.
    """
    log = world.log("duplication")
    switches = [str(options.least), "imports" if options.imports else "-", "signatures" if options.signatures else "-"]
    with temporary_folder("duplication") as scratch:
        output = Path(scratch, "pairs.json")
        code = subprocesses.run(
            [sys.executable, "-P", str(SCRIPT), str(output), *switches, *(source.file for source in sources)],
            folder=Path(world.rollout.folder),
            log=log,
            environment=subprocesses.clean_environment(),
            seconds=SECONDS,
        )
        if code != 0 or not output.is_file():
            raise ProbeError(f"Symilar ended with {code} and no result: {subprocesses.last_words(log)}")
        compared = msgspec.json.decode(output.read_bytes(), type=Compared)
    there = sum(count_lines(source) for source in sources)
    if compared.lines != there:
        raise ProbeError(f"Symilar compared {compared.lines} of {there} lines; it passed over a file.")
    return sorted(map(sorted, _group(compared.pairs)), key=lambda clone: clone[0].start - clone[0].end)


def count_lines(source: Source) -> int:
    """Count lines as a file object does: separators other than the end of a line do not count."""
    return source.text.count("\n") + (not source.text.endswith("\n") and bool(source.text))


def _group(pairs: list[tuple[Place, Place]]) -> list[set[Place]]:
    """Join pairs that share a place."""
    groups: list[set[Place]] = []
    for pair in pairs:
        near = [group for group in groups if not group.isdisjoint(pair)]
        groups = [group for group in groups if group not in near]
        groups.append(set(pair).union(*near))
    return groups
