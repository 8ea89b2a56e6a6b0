"""Compares two releases side by side: for ``harness load --compare`` and ``harness calibrate``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import NamedTuple

import msgspec

from harness.cli._consumers import consumers
from harness.cli._options import Project
from harness.cli._session import finished
from harness.evidence import Provenance
from harness.gate.comparison import Compared, compare_rounds, forward
from harness.probes.load import Load
from harness.probes.load.arms import Rounds, open_arms
from harness.probes.load.stage import Stage
from harness.probes.world import World
from harness.provenance import describe
from harness.reporting import comparison as terminal
from harness.reporting.comparison import Comparison
from harness.reporting.html import comparison as html
from harness.rollout import Phase, Release
from harness.runs import Run

NOISE = "noise.json"
CODES = {"GO": 0, "NO-GO": 1, "HOLD": 3}


class Side(NamedTuple):
    """Who is compared with whom."""

    baseline: Release
    candidate: Release


class Measured(NamedTuple):
    """What the rounds say, what they are, and where it was measured."""

    run: Run
    compared: list[Compared]
    rounds: dict[str, Rounds]
    provenance: Provenance


def measure_side(
    project: Project, phase: Phase, side: Side, arguments: argparse.Namespace, schedule: Sequence[int], floor: float
) -> Measured:
    """Go as many rounds as it takes, at most the last number of `schedule`; only what is undecided goes on."""
    provenance = describe(project.rollout, ["harness", *sys.argv[1:]], quick=arguments.quick)
    run = Run.create(project.runs, phase.number)
    with consumers(arguments.events) as emit:
        world = World(
            project.rollout, phase, project.catalog, run, database=arguments.database, quick=arguments.quick, emit=emit
        )
        with closing(world):
            stage = Stage(world, Load().read_options(phase.entry("load").options, "the options of the load"))
            with open_arms(world, stage, side.baseline, side.candidate, schedule[-1]) as arms:
                compared = _until_decided(arms.found, arms.go, schedule, floor)
                found = arms.found
    return Measured(run, compared, found, finished(provenance, world))


def show(run: Run, comparison: Comparison, form: str) -> int:
    """Write the report, print what came out and return its exit code: 1 something is slower, 3 something not known."""
    written = run.folder / "artifacts" / "comparison.json"
    written.parent.mkdir(parents=True, exist_ok=True)
    written.write_bytes(msgspec.json.encode({**comparison.document, "rounds": list(comparison.rounds.values())}))
    path = run.folder / "comparison.html"
    path.write_text(html.render(comparison), encoding="utf-8")
    if form == "json":
        sys.stdout.write(msgspec.json.encode(comparison.document).decode() + "\n")
    else:
        sys.stdout.write(f"{terminal.render(comparison)}Report: {path}\n")
    return CODES[forward(comparison.compared)]


def _until_decided(
    found: dict[str, Rounds], go: Callable[[int, Sequence[str]], None], schedule: Sequence[int], floor: float
) -> list[Compared]:
    waiting = list(found)
    done = 0
    compared: dict[str, Compared] = {}
    for total in schedule:
        go(total - done, waiting)
        done = total
        compared.update({name: compare_rounds(found[name], floor) for name in waiting})
        waiting = [name for name in waiting if compared[name].outcome == "undecided"]
        if not waiting:
            break
    return sorted(compared.values(), key=lambda each: each.operation)
