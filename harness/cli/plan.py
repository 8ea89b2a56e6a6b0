"""``harness plan``: read and check both TOML files, and show what they say."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from harness.cli._options import Project, add_command, load_project

if TYPE_CHECKING:
    from harness.rollout import Criterion, Phase


def register(commands: Any) -> None:
    """Add the subcommand."""
    parser = add_command(
        commands, "plan", "check both TOML files and show phases, releases and criteria", "harness plan"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Show the plan; a mistake in it is an error, what is not met yet is only told."""
    from harness.gate.check import check, check_operations

    project = load_project(arguments)
    for phase in project.rollout.phase:
        check(project.rollout, phase)
    check_operations(project.rollout, project.catalog)
    unmet = _unmet(project)
    if arguments.format == "json":
        _show_json(project, unmet)
    else:
        sys.stdout.writelines(f"{line}\n" for line in _lines(project, unmet))
    return 0


def _unmet(project: Project) -> list[str]:
    from harness.gate.baseline import baseline_path, read_baseline
    from harness.gate.unmet import unmet_by_phase, unmet_by_rollout
    from harness.provenance import today

    unmet = list(unmet_by_rollout(project.rollout, today()))
    for phase in project.rollout.phase:
        unmet += unmet_by_phase(phase, read_baseline(baseline_path(project.folder, phase.number)))
    return unmet


def _show_json(project: Project, unmet: list[str]) -> None:
    import msgspec

    plan = {"rollout": project.rollout, "operations": len(project.catalog.operation), "unmet": unmet}
    sys.stdout.write(msgspec.json.encode(plan).decode() + "\n")


def _lines(project: Project, unmet: list[str]) -> Iterator[str]:
    rollout = project.rollout
    yield f"Rollout: {rollout.name}"
    for release in rollout.release:
        python = release.python or "this Python"
        yield f"  release {release.name}: {release.path}, settings {release.settings}, {python}"
    filled = rollout.source.dump or " ".join(rollout.source.seed) or "nothing"
    yield f"  source: release {rollout.source.release}, filled by {filled}"
    catalog = project.catalog
    yield f"  operations: {len(catalog.operation)} of {len(catalog.actor)} actors, in {rollout.operations}"
    for phase in rollout.phase:
        yield ""
        yield from _phase(phase)
    for waiver in rollout.waiver:
        yield ""
        yield f"Waiver of {waiver.owner} for {waiver.probe}, until {waiver.until.isoformat()}: {waiver.reason}"
    if unmet:
        yield ""
        yield "Not met yet:"
        yield from (f"  - {each}" for each in unmet)


def _phase(phase: Phase) -> Iterator[str]:
    brings = f", brings {phase.candidate}" if phase.candidate else ""
    migrations = f", migrates {' '.join(phase.migrations)}" if phase.migrations else ""
    yield f"Phase {phase.number}: {phase.name}"
    yield f"  serves {phase.serves}{brings}{migrations}; way back: {phase.way_back}"
    width = max([len(entry.name) for entry in phase.probe], default=0) + 2
    for entry in phase.probe:
        criteria = "; ".join(_criterion(each) for each in entry.criteria)
        yield f"  {entry.name:<{width}}{criteria or 'no criterion'}"


def _criterion(criterion: Criterion) -> str:
    about = f" of {criterion.about}" if criterion.about != "*" else ""
    question = " (way back)" if criterion.answers == "way back" else ""
    return f"{criterion.measure}{about} {criterion.require}{question}"
