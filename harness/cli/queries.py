"""``harness queries``: record, check and explain the queries of operations, in any Django project."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from harness.cli._options import add_bare_options, add_command, add_run_options, any_project
from harness.errors import ConfigurationError, Interrupted, UsageError
from harness.words import number

if TYPE_CHECKING:
    from harness.cli._options import Project
    from harness.probes.queries.draft import Draft
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
        said = actions[arguments.action](world, project, arguments)
    # Not before: a progress bar would take what is written for its own.
    sys.stdout.writelines(f"{line}\n" for line in said.lines)
    sys.stderr.writelines(f"harness: {each}\n" for each in said.problems)
    return said.code


class _Said(NamedTuple):
    """What an action has to say; what is a problem goes to stderr."""

    lines: Sequence[str]
    problems: Sequence[str] = ()
    code: int = 0


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


def _record(world: World, project: Project, arguments: argparse.Namespace) -> _Said:
    from harness.probes.queries.project import measure
    from harness.queries import ledger

    side = measure(world, arguments.operation, grow=False)
    if side.problems:
        return _Said([], side.problems, _HOLD)
    names = {operation.name for operation in project.catalog.operation}
    path = project.folder / LEDGER
    entries = {name: ledger.entry(answer) for name, answer in side.answers.items()}
    _write(path, lambda: ledger.write(path, _SECTION, entries, keep=names))
    return _Said([f"{number(len(entries), 'operation')} recorded in {path}."])


def _check(world: World, project: Project, arguments: argparse.Namespace) -> _Said:
    from harness.probes.queries.project import measure
    from harness.probes.queries.ratchet import Ratchet
    from harness.queries import ledger

    recorded = ledger.read(project.folder / LEDGER, _SECTION)
    ratchet = Ratchet(measure(world, arguments.operation), project.catalog.operation, recorded)
    code = _HOLD if ratchet.missing else _NO_GO if ratchet.wrong else 0
    if arguments.format == "json":
        words = _json({"operations": ratchet.entries, "wrong": ratchet.wrong, "missing": ratchet.missing})
        return _Said([words], ratchet.missing, code)
    rows = list(ratchet.rows())
    width = max((len(name) for name, _ in rows), default=0)
    lines = [f"{name:<{width}}  {words}" for name, words in rows] + ratchet.wrong
    lines += [f"{name} needs less than recorded; tighten with 'harness queries record'." for name in ratchet.better]
    return _Said(lines, ratchet.missing, code)


def _explain(world: World, _project: Project, arguments: argparse.Namespace) -> _Said:
    from harness.probes.queries.project import explain, measure

    side = measure(world, arguments.operation)
    if arguments.format == "json":
        lines = [_json({name: answer["statements"] for name, answer in side.answers.items()})]
    else:
        lines = [line for name in side.answers for line in (*explain(side, name), "")]
    return _Said(lines, side.problems, _HOLD if side.problems else 0)


def _draft(world: World, project: Project, arguments: argparse.Namespace) -> _Said:
    from harness.probes.generated import fill
    from harness.probes.queries.draft import Draft
    from harness.probes.queries.drafted import too_few

    path = project.folder / arguments.operations
    if path.exists():
        raise ConfigurationError(f"{path} exists already; name another file with --operations.")
    draft = Draft(world)
    try:
        draft.ask(fill(world))
    except KeyboardInterrupt:
        raise Interrupted(_cut(draft, path)) from None
    _write(path, lambda: path.write_text(draft.text, encoding="utf-8"))
    found, left_out = len(draft.operations), len(draft.entries) - len(draft.operations)
    lines = [f"Operations drafted in {path}: {found}; routes left out, with the reason: {left_out}."]
    return _Said([*lines, too_few(draft.few)] if draft.few else lines)


def _cut(draft: Draft, path: Path) -> str:
    """Write what is known of an interrupted draft, and return the sentence about it."""
    if not draft.operations:
        return "Interrupted before any route had answered; nothing was written."
    _write(path, lambda: path.write_text(draft.text, encoding="utf-8"))
    found = number(len(draft.operations), "operation")
    return f"Interrupted; {path} holds what was known by then, {found}, and names the routes that were not asked."


def _write(path: Path, write: Callable[[], object]) -> None:
    try:
        write()
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be written ({error.strerror}); make its folder writable, or work on a copy of the project."
        ) from None


def _json(value: Any) -> str:
    import msgspec

    return msgspec.json.encode(value).decode()
