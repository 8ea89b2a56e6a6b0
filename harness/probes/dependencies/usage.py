"""Compares what is declared with what the code imports, with Deptry."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import msgspec
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from harness import subprocesses
from harness.errors import ProbeError
from harness.evidence import Finding
from harness.probes.dependencies.environment import Environment
from harness.probes.dependencies.options import DependenciesOptions
from harness.probes.sources import Source
from harness.probes.world import World
from harness.temporary import temporary_folder

UNUSED = "DEP002"
SCANNED = re.compile(r"^Scanning (\d+) files?")
SECONDS = 300.0


class Location(msgspec.Struct, frozen=True):
    """Where Deptry saw something."""

    file: str
    line: int | None


class Error(msgspec.Struct, frozen=True):
    """What Deptry says."""

    code: str
    message: str


class Violation(msgspec.Struct, frozen=True):
    """One result of Deptry."""

    error: Error
    module: str
    location: Location


def usage(
    world: World,
    options: DependenciesOptions,
    sources: list[Source],
    declared: dict[str, Requirement],
    environment: Environment,
) -> tuple[list[Finding], list[Finding]]:
    """Return what is declared without being imported, and what is imported without being declared.

    Raises ProbeError where Deptry breaks off or did not read every file: it warns of a file and goes on.
    """
    log, said = world.log("dependencies"), list[str]()
    with temporary_folder("deptry") as scratch:
        project, output = Path(scratch, "pyproject.toml"), Path(scratch, "report.json")
        project.write_text(_project(declared), encoding="utf-8")
        code = subprocesses.run(
            [sys.executable, "-m", "deptry", *_arguments(options, declared, environment, project, output)],
            folder=Path(world.rollout.folder),
            log=log,
            environment=subprocesses.clean_environment(),
            seconds=SECONDS,
            on_line=said.append,
        )
        if code not in (0, 1) or not output.is_file():
            raise ProbeError(f"Deptry came to no result: {subprocesses.last_words(log)}")
        violations = msgspec.json.decode(output.read_bytes(), type=list[Violation])
    _check_files(said, len(sources))
    unused = [each for each in violations if each.error.code == UNUSED]
    return [_unused(each, options) for each in unused], [_undeclared(each) for each in violations if each not in unused]


def _project(declared: dict[str, Requirement]) -> str:
    """Write a project file with nothing but the requirements concerned, which is all that Deptry looks at."""
    lines = ", ".join(msgspec.json.encode(str(each)).decode() for each in declared.values())
    return f'[project]\nname = "declared"\nversion = "0"\ndependencies = [{lines}]\n'


def _arguments(
    options: DependenciesOptions,
    declared: dict[str, Requirement],
    environment: Environment,
    project: Path,
    output: Path,
) -> list[str]:
    """Build the command line; which modules a package provides is told by the release's interpreter."""
    provided = {each.name: environment.distribution(name).modules for name, each in declared.items()}
    modules = ",".join(f"{name}={'|'.join(found)}" for name, found in provided.items() if found)
    used = {canonicalize_name(name) for name in options.not_imported}
    spared = "|".join(each.name for name, each in declared.items() if name in used)
    arguments = [*options.paths, "--no-ansi", "--config", str(project), "--json-output", str(output)]
    arguments += [word for pattern in ["(^|.*/)[.]", *map(_expression, options.leave_out)] for word in ("-e", pattern)]
    arguments += [word for path in options.paths for word in ("--known-first-party", Path(path).name)]
    arguments += ["--package-module-name-map", modules] if modules else []
    return [*arguments, *(["--per-rule-ignores", f"{UNUSED}={spared}"] if spared else [])]


def _expression(pattern: str) -> str:
    """Turn a pattern of `leave_out` into a regular expression of Rust, matched from a path's beginning."""
    whole = re.escape(pattern.rstrip("/")).replace(r"\*", ".*").replace(r"\?", ".")
    return f"{whole}(/|$)"


def _check_files(said: list[str], there: int) -> None:
    skipped = next((line for line in said if "Skipping processing" in line), "")
    if skipped:
        raise ProbeError(f"Deptry did not read every file: {skipped}")
    seen = next((int(found[1]) for line in said if (found := SCANNED.match(line))), 0)
    if seen != there:
        raise ProbeError(f"Deptry read {seen} of {there} files; check 'paths' and 'leave_out'.")


def _unused(violation: Violation, options: DependenciesOptions) -> Finding:
    return Finding(
        code="unused-dependency",
        severity="medium",
        about=violation.module,
        why="it is declared, and nothing imports it",
        remedy="Remove it, or list it in 'not_imported' where it is used without an import.",
        file=options.pyproject,
    )


def _undeclared(violation: Violation) -> Finding:
    return Finding(
        code="undeclared-import",
        severity="medium",
        about=f"{violation.module} in {os.path.normpath(violation.location.file)}",
        why="it is imported, and the package that provides it is not declared",
        remedy="Declare the package: what another one brings along may go with its next version.",
        file=os.path.normpath(violation.location.file),
        line=violation.location.line or 0,
    )
