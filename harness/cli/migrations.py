"""``harness migrations``: facts and hazards of any Django project's migrations, no rollout file needed."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.probes.migrations.project import ProjectReport

FORMATS = ("text", "json", "sarif", "github", "gitlab", "markdown")
FAIL_ON = ("high", "medium", "low", "never")
HOLD = 3


def register(commands: Any) -> None:
    """Add the subcommand."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "migrations",
        help="facts and hazards of any Django project's migrations",
        description="Runs the migrations of a Django project on a PostgreSQL of its own, there and back, and says what "
        "each operation locks, rewrites, scans and blocks, whether old code still works, and what going back loses.",
        epilog="example: harness migrations --project ~/shop --settings shop.settings --base main",
    )
    parser.add_argument("--project", default=".", metavar="DIR", help="the folder that holds manage.py (default: .)")
    parser.add_argument("--settings", default="", metavar="MODULE", help="its settings (default: those of manage.py)")
    parser.add_argument("--python", default="", metavar="PY", help="its interpreter (default: that of its .venv)")
    _add_selection(parser)
    parser.add_argument("--no-old-code", dest="old_code", action="store_false", help="do not try the code of before")
    parser.add_argument("--old-code", dest="old_code", action="store_true", help="try the code of before (default)")
    parser.add_argument("--no-way-back", dest="way_back", action="store_false", help="do not go back")
    parser.add_argument("--format", choices=FORMATS, default="text", help="for people, machines or a service")
    parser.add_argument("--fail-on", choices=FAIL_ON, default="high", help="exit with 1 from this severity on")
    parser.add_argument(
        "--database",
        default="",
        metavar="WHERE",
        help="'installed', a folder of PostgreSQL binaries, a postgresql:// URL, or 'sqlite' (default: embedded)",
    )
    parser.add_argument(
        "--dump",
        default="",
        metavar="PATH",
        help="start from this dump of a database: what it has not had is rehearsed",
    )
    parser.set_defaults(run=run, old_code=True, way_back=True)


def _add_selection(parser: argparse.ArgumentParser) -> None:
    chosen = parser.add_argument_group("which migrations (default: all of the project's own apps)")
    chosen.add_argument("--app", action="append", default=[], metavar="APP", help="only this app; may be repeated")
    chosen.add_argument("--from", dest="since", default="", metavar="APP.NAME", help="only what comes after it")
    chosen.add_argument("--to", default="", metavar="APP.NAME", help="only what comes up to it")
    chosen.add_argument("--base", default="", metavar="REF", help="only what this branch adds against a Git ref")
    chosen.add_argument("--all", dest="everything", action="store_true", help="installed packages' migrations too")


def run(arguments: argparse.Namespace) -> int:
    """Rehearse, print, and return 0 or 1 by --fail-on, or 3 where something could not be measured."""
    report = _rehearse(arguments)
    sys.stdout.write(_render(report, arguments.format))
    return _exit_code(report, arguments.fail_on)


def _rehearse(arguments: argparse.Namespace) -> ProjectReport:
    from pathlib import Path

    from harness.cli._consumers import consumers
    from harness.cli._options import interpreter
    from harness.events import ProbeStarted, Progress
    from harness.probes.migrations.project import Project, rehearse_project
    from harness.probes.migrations.selection import Selection
    from harness.provenance import today

    project = Project(Path(arguments.project).expanduser(), arguments.settings, interpreter(arguments.python))
    selection = Selection(
        apps=arguments.app,
        since=arguments.since,
        to=arguments.to,
        everything=arguments.everything,
        base=arguments.base,
    )
    with consumers("") as emit:
        emit(ProbeStarted("migrations"))
        return rehearse_project(
            project,
            selection,
            database=arguments.database,
            dump=arguments.dump,
            old_code=arguments.old_code,
            way_back=arguments.way_back,
            today=today(),
            progress=lambda message, done, total: emit(Progress("migrations", message, done, total)),
        )


def _render(report: ProjectReport, form: str) -> str:
    from harness.reporting import github, gitlab, migrations, migrations_markdown, sarif

    if form == "json":
        import msgspec

        encoded = msgspec.json.format(msgspec.json.encode(report.documents), indent=2)
        return f"{encoded.decode()}\n"
    if form == "sarif":
        accepted = {finding.fingerprint: each.reason for finding, each in report.judged.accepted}
        return sarif.of_findings([*report.judged.open, *(finding for finding, _ in report.judged.accepted)], accepted)
    if form == "github":
        return github.of_findings(report.judged.open)
    if form == "gitlab":
        return gitlab.of_findings(report.judged.open)
    return migrations_markdown.render(report) if form == "markdown" else migrations.render(report)


def _exit_code(report: ProjectReport, fail_on: str) -> int:
    from harness.evidence import SEVERITIES

    if fail_on == "never":
        return 0
    limit = SEVERITIES.index(fail_on)
    if any(SEVERITIES.index(each.severity) >= limit for each in report.judged.open):
        return 1
    unknown = (
        report.failed
        or any(each.elsewhere for each in report.rehearsed)
        or len(report.rehearsed) < len(report.chosen)
        or report.vendor != "postgresql"
    )
    return HOLD if unknown else 0
