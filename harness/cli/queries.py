"""``harness queries``: record, check and explain the queries of operations, in any Django project."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.cli._options import add_bare_options, add_command, add_run_options, any_project
from harness.errors import ConfigurationError, UsageError

if TYPE_CHECKING:
    from harness.cli._options import Project
    from harness.probes.world import World

LEDGER = "reports/baselines/queries.json"
_SECTION = "operations"
_NO_GO, _HOLD = 1, 3


def register(commands: Any) -> None:
    """Add the subcommand."""
    parser = add_command(
        commands,
        "queries",
        "record, check and explain the queries of every operation",
        'harness queries explain "list courses"',
    )
    actions = ("record", "check", "explain", "draft")
    parser.add_argument("action", choices=actions, help="write the ledger, compare, show one, or write operations.toml")
    parser.add_argument("operation", nargs="*", metavar="OPERATION", help="names of operations, with wildcards")
    parser.add_argument("--phase", type=int, metavar="PHASE", help="the release of this phase (default: the last one)")
    add_bare_options(parser)
    add_run_options(parser)
    parser.set_defaults(run=run, named="operation")


def run(arguments: argparse.Namespace) -> int:
    """Do it; 0 where all is well, 1 where an operation got worse, grows or is over budget, 3 where that is unknown."""
    if arguments.action == "explain" and not arguments.operation:
        raise UsageError("Name the operation to explain; 'harness queries check' lists them.")
    project = any_project(arguments, "queries", drafting=arguments.action == "draft")
    actions = {"record": _record, "check": _check, "explain": _explain, "draft": _draft}
    with _world(project, arguments) as world:
        return actions[arguments.action](world, project, arguments)


@contextmanager
def _world(project: Project, arguments: argparse.Namespace) -> Iterator[World]:
    """Provide the world; a project without rollout file keeps nothing of the run but what was asked for."""
    from harness.cli._consumers import consumers
    from harness.probes.world import World
    from harness.runs import Run
    from harness.temporary import temporary_folder

    phases = [phase.number for phase in project.rollout.phase]
    phase = project.rollout.find_phase(max(phases) if arguments.phase is None else arguments.phase)
    with temporary_folder("queries") as folder, consumers(arguments.events) as emit:
        run = Run.create(Path(folder), phase.number)
        options = {"database": arguments.database, "quick": arguments.quick, "emit": emit}
        with closing(World(project.rollout, phase, project.catalog, run, **options)) as world:
            yield world


def _record(world: World, project: Project, arguments: argparse.Namespace) -> int:
    from harness.probes.queries.project import measure
    from harness.queries import ledger

    side = measure(world, arguments.operation, grow=False)
    if side.problems:
        return _hold(side.problems)
    names = {operation.name for operation in project.catalog.operation}
    path = project.folder / LEDGER
    entries = {name: ledger.entry(answer) for name, answer in side.answers.items()}
    _write(path, lambda: ledger.write(path, _SECTION, entries, keep=names))
    _say(f"{len(entries)} operations recorded in {path}.")
    return 0


def _check(world: World, project: Project, arguments: argparse.Namespace) -> int:
    from harness.probes.queries.project import measure
    from harness.probes.queries.ratchet import Ratchet
    from harness.queries import ledger

    recorded = ledger.read(project.folder / LEDGER, _SECTION)
    side = measure(world, arguments.operation)
    ratchet = Ratchet(side, project.catalog.operation, recorded)
    if arguments.format == "json":
        _say_json({"operations": ratchet.entries, "wrong": ratchet.wrong, "missing": ratchet.missing})
    else:
        width = max(len(name) for name, _ in ratchet.rows()) if side.answers else 0
        _say(*(f"{name:<{width}}  {words}" for name, words in ratchet.rows()))
        _say(*ratchet.wrong)
        _say(*(f"{name} needs less than recorded; tighten with 'harness queries record'." for name in ratchet.better))
    if ratchet.missing:
        return _hold(ratchet.missing)
    return _NO_GO if ratchet.wrong else 0


def _explain(world: World, _project: Project, arguments: argparse.Namespace) -> int:
    from harness.probes.queries.project import explain, measure

    side = measure(world, arguments.operation)
    if arguments.format == "json":
        _say_json({name: answer["statements"] for name, answer in side.answers.items()})
    else:
        for name in side.answers:
            _say(*explain(side, name), "")
    return _hold(side.problems) if side.problems else 0


def _draft(world: World, project: Project, arguments: argparse.Namespace) -> int:
    from harness.probes.generated import fill
    from harness.probes.queries.draft import draft

    path = project.folder / arguments.operations
    if path.exists():
        raise ConfigurationError(f"{path} exists already; name another file with --operations.")
    text = draft(world, fill(world))
    _write(path, lambda: path.write_text(text, encoding="utf-8"))
    lines = text.splitlines()
    left_out = sum(line.startswith("# GET ") for line in lines)
    _say(f"Operations drafted in {path}: {lines.count('[[operation]]')}; routes left out, with the reason: {left_out}.")
    return 0


def _write(path: Path, write: Callable[[], object]) -> None:
    try:
        write()
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be written ({error.strerror}); make its folder writable, or work on a copy of the project."
        ) from None


def _hold(problems: list[str]) -> int:
    for each in problems:
        sys.stderr.write(f"harness: {each}\n")
    return _HOLD


def _say(*lines: str) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)


def _say_json(value: Any) -> None:
    import msgspec

    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")
