"""Options that several subcommands share, and the project that they name."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from harness.operations import Catalog
    from harness.rollout import Rollout


def add_command(commands: Any, name: str, title: str, example: str) -> argparse.ArgumentParser:
    """Add a subcommand with the options of every command; `example` is shown at the end of its help."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=title, description=f"{title[0].upper()}{title[1:]}.", epilog=f"example: {example}"
    )
    parser.add_argument("--project", default=".", metavar="DIR", help="the folder of rollout.toml (default: .)")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="for people or for machines")
    return parser


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of commands that measure."""
    parser.add_argument(
        "--database",
        default="",
        metavar="WHERE",
        help="'installed', a folder of PostgreSQL binaries, a postgresql:// URL, or 'sqlite' (default: embedded)",
    )
    parser.add_argument("--quick", action="store_true", help="use the small data set and short loads")
    parser.add_argument(
        "--dump",
        default="",
        metavar="PATH",
        help="rehearse on this dump of the database before the phase, not on seeds",
    )
    parser.add_argument(
        "--show-values",
        action="store_true",
        help="print the first values that differ to this terminal; no report ever holds them",
    )
    parser.add_argument(
        "--rows",
        action="append",
        default=[],
        metavar="TABLE=N",
        help="production's rows of a table, or a CSV file of them, for the probe 'size'; may be repeated",
    )
    parser.add_argument("--events", default="", metavar="FILE", help="write the events of the run as JSON lines")


def add_bare_options(parser: argparse.ArgumentParser) -> None:
    """Add the options for a project that has no rollout file."""
    parser.add_argument("--settings", default="", metavar="MODULE", help="a project without rollout.toml: its settings")
    parser.add_argument("--operations", default="operations.toml", metavar="FILE", help="its operations file")
    parser.add_argument("--python", default="", metavar="PATH", help="its interpreter (default: the harness's own)")
    parser.add_argument(
        "--seed", default="", metavar="COMMAND", help="its management command that writes rows (default: they are made)"
    )


def interpreter(named: str) -> str:
    """Return what --python names: a path from here if there is such a file, else one from the project, or a command."""
    path = Path(named).expanduser()
    return str(path.absolute()) if named and path.is_file() else named


class Project(NamedTuple):
    """A folder with its two TOML files, read and checked."""

    folder: Path
    rollout: Rollout
    catalog: Catalog

    @property
    def runs(self) -> Path:
        """The folder of its runs."""
        return self.folder / "reports" / "runs"


def runs_folder(arguments: argparse.Namespace) -> Path:
    """Return the folder of the project's runs, without reading the project."""
    return Path(arguments.project) / "reports" / "runs"


def load_project(arguments: argparse.Namespace) -> Project:
    """Read the project that the command line names; raises ConfigurationError."""
    from harness.operations import read_operations
    from harness.rollout import read_rollout

    folder = Path(arguments.project)
    rollout = read_rollout(folder / "rollout.toml")
    return Project(folder, rollout, read_operations(folder / rollout.operations))


def any_project(arguments: argparse.Namespace, title: str, *, drafting: bool = False) -> Project:
    """Read the project that the command line names, with or without a rollout file; raises ConfigurationError.

    Without one `title` is the name of its only phase, and the catalog is empty while it is `drafting` one.
    """
    if not arguments.settings:
        return load_project(arguments)
    from harness.operations import Catalog, read_operations
    from harness.probes.queries.project import rollout_of

    folder = Path(arguments.project)
    seed = shlex.split(arguments.seed)
    rollout = rollout_of(folder, arguments.settings, interpreter(arguments.python), seed, title=title)
    return Project(folder, rollout, Catalog() if drafting else read_operations(folder / arguments.operations))
