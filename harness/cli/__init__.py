"""The ``harness`` command: every module of this package that has a ``register`` is one subcommand."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
from collections.abc import Sequence

from harness import __version__
from harness.cli._guard import guard

_EXIT_CODES = "exit codes: 0 GO, 1 NO-GO, 2 usage or configuration, 3 HOLD, 4 the harness failed, 130 interrupted"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    arguments = _parse(argv)
    return guard(lambda: int(arguments.run(arguments)))


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Parse a command line whose names may stand on both sides of the options; argparse refuses that of subcommands."""
    parser = build()
    arguments, rest = parser.parse_known_args(argv)
    named = getattr(arguments, "named", "")
    unknown = rest if not named else [each for each in rest if each.startswith("-")]
    if unknown:
        parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    if rest:
        setattr(arguments, named, [*getattr(arguments, named), *rest])
    return arguments


def build() -> argparse.ArgumentParser:
    """Build the parser from the subcommands; each module registers its own options."""
    parser = argparse.ArgumentParser(
        prog="harness",
        description="Rehearses, measures and judges a phase of a rollout: may we go forward, and can we come back?",
        epilog=f"example: harness gate 3    {_EXIT_CODES}",
    )
    parser.add_argument("--version", action="version", version=f"harness {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        if not module.name.rpartition(".")[2].startswith("_"):
            importlib.import_module(module.name).register(commands)
    return parser
