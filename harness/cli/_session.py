"""One run: from the plan to the evidence."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import msgspec

from harness.cli._options import Project
from harness.errors import UsageError
from harness.events import Emit, RunStarted
from harness.evidence import Evidence, Provenance
from harness.probes.engine import collect, order
from harness.probes.size.rows import read_rows
from harness.probes.world import World
from harness.provenance import describe, now
from harness.rollout import Phase, Rollout
from harness.runs import Run


def measure(
    project: Project,
    phase: Phase,
    names: Sequence[str],
    arguments: argparse.Namespace,
    emit: Emit,
    *,
    cut: Callable[[Run, Provenance], None] | None = None,
) -> tuple[Run, list[Evidence], Provenance]:
    """Run probes of a phase in a new run's folder; whatever happens, what the world started is stopped.

    `cut` receives an interrupted run, whose folder holds what was measured until then.
    """
    planned = order(names)
    provenance = describe(project.rollout, ["harness", *sys.argv[1:]], quick=arguments.quick)
    run = Run.create(project.runs, phase.number)
    world = World(
        _with_dump(project.rollout, arguments.dump),
        phase,
        project.catalog,
        run,
        database=arguments.database,
        quick=arguments.quick,
        emit=emit,
        rows=read_rows(arguments.rows),
        show=_show if arguments.show_values else None,
    )
    with closing(world):
        emit(RunStarted(phase=phase.number, probes=planned, folder=str(run.folder)))
        try:
            evidence = collect(world, names, emit)
        except KeyboardInterrupt:
            if cut:
                cut(run, finished(provenance, world))
            raise
    return run, evidence, finished(provenance, world)


def finished(provenance: Provenance, world: World) -> Provenance:
    """Fill in what is known at the end of a run."""
    provenance.database = world.database_title
    provenance.finished = now()
    return provenance


def _show(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _with_dump(rollout: Rollout, dump: str) -> Rollout:
    """Let a dump that the command line names take the place of the rollout's source; raises UsageError."""
    if not dump:
        return rollout
    if not Path(dump).exists():
        raise UsageError(
            f"--dump {dump!r} does not exist; name a file or folder that pg_dump wrote, or an SQLite file."
        )
    source = msgspec.structs.replace(rollout.source, dump=str(Path(dump).resolve()), seed=[], quick_seed=[])
    return msgspec.structs.replace(rollout, source=source)
