"""One run: from the plan to the evidence."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import closing

from harness.cli._options import Project
from harness.events import Emit, RunStarted
from harness.evidence import Evidence, Provenance
from harness.probes.engine import collect, order
from harness.probes.world import World
from harness.provenance import describe, now
from harness.rollout import Phase
from harness.runs import Run


def measure(
    project: Project, phase: Phase, names: Sequence[str], arguments: argparse.Namespace, emit: Emit
) -> tuple[Run, list[Evidence], Provenance]:
    """Run probes of a phase in a new run's folder; whatever happens, what the world started is stopped."""
    planned = order(names)
    provenance = describe(project.rollout, ["harness", *sys.argv[1:]], quick=arguments.quick)
    run = Run.create(project.runs, phase.number)
    world = World(
        project.rollout, phase, project.catalog, run, database=arguments.database, quick=arguments.quick, emit=emit
    )
    with closing(world):
        emit(RunStarted(phase=phase.number, probes=planned, folder=str(run.folder)))
        evidence = collect(world, names, emit)
        provenance.database = world.database_title
    provenance.finished = now()
    return run, evidence, provenance
