"""Rehearses the migrations of any Django project, without a rollout file."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from harness.databases import Database, Server, provision
from harness.errors import AgentError, ConfigurationError, ReleaseError, UsageError
from harness.evidence import Finding
from harness.probes.migrations import acceptances, document
from harness.probes.migrations.acceptances import Judged
from harness.probes.migrations.facts import Failure, Rehearsed
from harness.probes.migrations.history import History, Listed
from harness.probes.migrations.judge import judge
from harness.probes.migrations.selection import Selection
from harness.probes.migrations.source import shown
from harness.releases import open_agent
from harness.rollout import Release, Rollout, Source
from harness.temporary import temporary_folder

OLDEST_PYTHON, OLDEST_DJANGO, NEWEST_DJANGO = (3, 10), (4, 2), (6, 1)
_ENVIRONMENTS = (".venv", "venv", "env", ".env")
_VERSIONS = "import json, sys, django; print(json.dumps([sys.version_info[:2], django.VERSION[:2]]))"
_SETTINGS = re.compile(r"DJANGO_SETTINGS_MODULE['\"]\s*,\s*['\"](?P<module>[\w.]+)['\"]")
_NO_EXTENSION = ("58P01", "0A000", "22023")
_WITHOUT_ROLLOUT = {
    "the release's Python": "the project's Python",
    "correct the release's path and settings": "correct --project or --settings",
}
Progress = Callable[[str, float, float], None]


@dataclass(frozen=True)
class Project:
    """A Django project as the command line names it: folder, settings module ("" to find it), Python ("" likewise)."""

    folder: Path
    settings: str = ""
    python: str = ""

    def release(self) -> Release:
        """Return it as a release; raises UsageError or ConfigurationError where something is not there or too old."""
        if not self.folder.is_dir():
            raise UsageError(f"The project {self.folder} is not a folder; name the one that holds manage.py.")
        python = self.python or _own_python(self.folder)
        _check_versions(python, self.folder)
        settings = self.settings or _own_settings(self.folder)
        return Release(name=self.folder.resolve().name or "project", path=".", settings=settings, python=python)


@dataclass
class ProjectReport:
    """What a rehearsal of a project brought: `judged` are all hazards, `failed` what broke off before the chosen."""

    database: str
    vendor: str
    planned: int
    chosen: list[Listed]
    root: Path
    rehearsed: list[Rehearsed] = field(default_factory=list)
    judged: Judged = field(default_factory=Judged)
    failed: Failure | None = None

    @property
    def documents(self) -> list[dict[str, Any]]:
        """A document for each operation, in the order in which they ran."""
        return [
            each
            for rehearsed in self.rehearsed
            for each in document.operations(rehearsed, self.judged, self._path(rehearsed.migration.file))
        ]

    def _path(self, file: str) -> str:
        return shown(file, self.root)


def rehearse_project(
    project: Project,
    selection: Selection,
    *,
    database: str,
    dump: str = "",
    old_code: bool,
    way_back: bool,
    today: date,
    progress: Progress,
) -> ProjectReport:
    """Rehearse the chosen migrations on a database of the harness's own, which is gone afterwards.

    With a `dump` it starts as a restored copy of that, and only what it has not had is rehearsed.
    Raises ConfigurationError with one sentence where the project does not start or its migrations cannot be planned.
    """
    release = project.release()
    if dump and not Path(dump).exists():
        raise UsageError(
            f"--dump {dump!r} does not exist; name a file or folder that pg_dump wrote, or an SQLite file."
        )
    root = project.folder.resolve()
    rollout = Rollout(name=release.name, source=Source(release=release.name), release=[release], phase=[],
                      folder=str(root))  # fmt: skip
    progress("starting", 0, 0)
    with temporary_folder("migrations") as logs, provision(database) as server:
        line = _begin(server, dump)
        try:
            with open_agent(rollout, release, line, log=Path(logs) / "agent.log") as agent:
                history = History(server, line, agent, progress, old_code=old_code, way_back=way_back)
                chosen = selection.choose(history.plan, root)
                report = ProjectReport(
                    server.title, history.plan.database["vendor"], len(history.plan.migrations), chosen, root
                )
                report.rehearsed = history.rehearse(chosen)
        except AgentError as error:
            raise ConfigurationError(_sentence(error, release)) from None
        except ReleaseError as error:
            if " ended during 'start': " not in str(error):
                raise
            raise ConfigurationError(f"The project does not start: {str(error).partition(': ')[2]}") from None
    report.failed = history.failed
    for failure in [report.failed, *(each.forward.failure for each in report.rehearsed)]:
        _check_extension(failure, server.title)
    findings = [found for each in report.rehearsed for found in judge(each, root)]
    findings += [_unmigrated(app) for app in history.unmigrated]
    files = [each.migration.file for each in report.rehearsed]
    report.judged = acceptances.apply(findings, files, root, today)
    return report


def _begin(server: Server, dump: str) -> Database:
    """Return the database that the first migration meets: an empty one, or a restored dump with fresh statistics."""
    line = server.create("history")
    if dump:
        server.restore(Path(dump), line)
        server.analyze(line)
    return line


def _unmigrated(app: str) -> Finding:
    return Finding(
        code="models-without-migration",
        severity="medium",
        about=app,
        why=f"the models of {app} have changed since its newest migration",
        remedy=f"Run makemigrations {app} and rehearse what it writes.",
    )


def _own_python(folder: Path) -> str:
    """Return the interpreter of the project's own environment, else the one that runs the harness."""
    for name in _ENVIRONMENTS:
        path = folder / name / "bin" / "python"
        if path.is_file() and os.access(path, os.X_OK):
            return str(path.absolute())
    return sys.executable


def _own_settings(folder: Path) -> str:
    """Return the settings that manage.py or the environment names; raises UsageError."""
    manage = folder / "manage.py"
    found = _SETTINGS.search(manage.read_text(encoding="utf-8", errors="replace")) if manage.is_file() else None
    settings = os.environ.get("DJANGO_SETTINGS_MODULE", "") or (found["module"] if found else "")
    if not settings:
        raise UsageError(f"Which settings {folder} uses is not clear: it has no manage.py; name them with --settings.")
    return settings


def _check_versions(python: str, folder: Path) -> None:
    try:
        done = subprocess.run(
            [python, "-c", _VERSIONS], cwd=folder, capture_output=True, text=True, timeout=60, check=False
        )
    except OSError as error:
        raise UsageError(f"The Python {python} cannot be run: {error.strerror}; name another with --python.") from None
    except subprocess.TimeoutExpired:
        raise UsageError(f"The Python {python} does not answer; name another with --python.") from None
    if done.returncode:
        raise UsageError(f"The Python {python} has no Django; name the project's own interpreter with --python.")
    try:
        found, django = (tuple(each) for each in json.loads(done.stdout.strip().splitlines()[-1]))
    except (IndexError, ValueError, TypeError):
        raise UsageError(f"{python} does not answer as a Python does; name another with --python.") from None
    if found < OLDEST_PYTHON:
        raise UsageError(f"{python} is Python {_dotted(found)}; the harness needs {_dotted(OLDEST_PYTHON)} or newer.")
    if not OLDEST_DJANGO <= django <= NEWEST_DJANGO:
        raise UsageError(
            f"{python} has Django {_dotted(django)}; the harness knows {_dotted(OLDEST_DJANGO)} to "
            f"{_dotted(NEWEST_DJANGO)}."
        )


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _sentence(error: AgentError, release: Release) -> str:
    """Say what is wrong in the words of somebody who has no rollout file."""
    text = str(error).removeprefix(f"Release {release.name!r}: ")
    for words, here in _WITHOUT_ROLLOUT.items():
        text = text.replace(words, here)
    return re.sub(rf"^Release {re.escape(repr(release.name))} failed in ", "The rehearsal broke off in ", text)


def _check_extension(failure: Failure | None, server: str) -> None:
    """Raise ConfigurationError where a migration needs an extension that the server does not have."""
    found = re.search(r'CREATE EXTENSION (?:IF NOT EXISTS )?"?(?P<name>[\w-]+)', failure.statement) if failure else None
    if failure and found and failure.sqlstate in _NO_EXTENSION:
        raise ConfigurationError(
            f"{failure.app}.{failure.migration} needs the extension {found['name']!r}, which {server} does not have; "
            "name a server that has it with --database."
        )
