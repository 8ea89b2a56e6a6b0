"""Searches the highest rate: for ``harness load`` with a profile that has a search."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing

import msgspec

from harness.cli._consumers import consumers
from harness.cli._options import Project
from harness.errors import HarnessError
from harness.probes.load import Load
from harness.probes.load.breakpoint import Found, Step, at_rate, judge, search
from harness.probes.load.generator import generate
from harness.probes.load.profiles import Search
from harness.probes.load.report import Told
from harness.probes.load.server import watch
from harness.probes.load.stage import Stage
from harness.probes.world import World
from harness.rollout import Phase
from harness.runs import Run


def find_breakpoint(project: Project, phase: Phase, wanted: Search, arguments: argparse.Namespace) -> int:
    """Search, show every step, and return 0; 3 where what was found cannot be believed."""
    run = Run.create(project.runs, phase.number)
    with consumers(arguments.events) as emit:
        world = World(
            project.rollout, phase, project.catalog, run, database=arguments.database, quick=arguments.quick, emit=emit
        )
        with closing(world):
            found = search(wanted, _Attempts(world, phase, arguments.format))
    path = run.folder / "artifacts" / "breakpoint.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.encode(found.steps))
    return _show(found, arguments.format)


class _Attempts:
    """Tries rates, each with a fresh server on a fresh copy: what one overloads does not weigh on the next."""

    def __init__(self, world: World, phase: Phase, form: str) -> None:
        self._world = world
        self._form = form
        self._stage = Stage(world, Load().read_options(phase.entry("load").options, "the options of the load"))

    def __call__(self, rate: float) -> Step:
        """Run the profile at one rate."""
        stage, world = self._stage, self._world
        profile = at_rate(stage.profile, rate)
        name = stage.options.profile
        with stage.stand(stage.release, stage.rows) as (served, copy), watch(served, copy) as server:
            plan = stage.plan(copy, served, {name: profile})

            def look(gone: float, total: float, done: int, errors: int) -> None:
                server.look()
                world.progress("load", f"{rate:.1f} requests/s: {done} answers, {errors} errors", gone, total)

            results, _ = generate(
                plan,
                url=served.url,
                locustfile=stage.locustfile,
                folder=world.rollout.path("."),
                log=world.log("locust"),
                workers=stage.options.workers,
                progress=look,
            )
            server.look()
            if server.gone:
                raise HarnessError(f"The server ended at {rate:.1f} requests per second: {server.gone}")
            step = judge(Told(plan, profile, name, results, server, served.server, served.release.name), rate)
        if self._form == "text":
            word = "sustained" if step.sustained else f"not sustained: {step.reason}"
            sys.stdout.write(f"  {rate:7.1f} /s  p95 {step.p95:6.0f} ms  {word}\n")
            sys.stdout.flush()
        return step


def _show(found: Found, form: str) -> int:
    if form == "json":
        sys.stdout.write(msgspec.json.encode({**found._asdict(), "doubt": found.doubt}).decode() + "\n")
        return 3 if found.doubt else 0
    if found.doubt:
        sys.stdout.write(f"HOLD: {found.doubt}.\n")
        return 3
    above = next(step for step in found.steps if step.rate == found.broken)
    what = above.saturated or "nothing that was watched"
    known = f"Sustained: {found.sustained:.1f} requests per second; not sustained: {found.broken:.1f}."
    sys.stdout.write(f"{known} Saturated there: {what}.\n")
    return 0
