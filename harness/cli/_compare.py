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
from harness.gate.comparison import Compared, compare_rounds
from harness.probes.load import Load
from harness.probes.load.arms import BASELINE, CANDIDATE, Rounds, open_arms
from harness.probes.load.stage import Stage
from harness.probes.world import World
from harness.rollout import Phase, Release
from harness.runs import Run

NOISE = "noise.json"
CODES = {"slower": 1, "undecided": 3, "unsound": 3, "fine": 0}


class Side(NamedTuple):
    """Who is compared with whom."""

    baseline: Release
    candidate: Release


def measure_side(
    project: Project, phase: Phase, side: Side, arguments: argparse.Namespace, schedule: Sequence[int], floor: float
) -> tuple[Run, list[Compared], dict[str, Rounds]]:
    """Go as many rounds as it takes, at most the last number of `schedule`; only what is undecided goes on."""
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
    written = {"compared": compared, "rounds": list(found.values())}
    path = run.folder / "artifacts" / "comparison.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.encode(written))
    return run, compared, found


def show(compared: Sequence[Compared], found: dict[str, Rounds], side: Side, words: str, form: str) -> int:
    """Print what came out and return its exit code: 1 where something is slower, 3 where something is not known."""
    if form == "json":
        sys.stdout.write(msgspec.json.encode(compared).decode() + "\n")
    else:
        sys.stdout.write(f"{side.candidate.name} against {side.baseline.name}; {words}\n")
        for each in compared:
            sys.stdout.write(f"  {each.outcome:<9} {each.operation}: {each.reason}{_costs(found[each.operation])}\n")
        detectable = max(each.detectable for each in compared)
        sys.stdout.write(f"The smallest slowdown that every operation would have shown: {100 * detectable:.0f} %.\n")
    codes = {CODES[each.outcome] for each in compared}
    code = 1 if 1 in codes else max(codes)
    if form != "json":
        sys.stdout.write({0: "GO", 1: "NO-GO", 3: "HOLD"}[code] + "\n")
    return code


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


def _costs(rounds: Rounds) -> str:
    """Say how queries and CPU time changed: they hardly know noise."""
    if min((min(each, default=-1) for each in rounds.queries), default=-1) < 0:
        return ""
    old, new = (sum(each) / len(each) for each in (rounds.queries[BASELINE], rounds.queries[CANDIDATE]))
    before, after = (sum(each) / len(each) for each in (rounds.cpu[BASELINE], rounds.cpu[CANDIDATE]))
    return f"; queries {old:.3g} -> {new:.3g}, CPU {before:.1f} -> {after:.1f} ms"
