"""Breaks a coverage report down into packages, and names the files that it does not hold."""

from __future__ import annotations

import ast
from collections import defaultdict
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any

from harness.evidence import Measurement
from harness.probes.sources import expected
from harness.probes.tests.command import Coverage, Totals
from harness.probes.tests.options import PytestOptions


def measurements(cover: list[str], coverage: Coverage) -> list[Measurement]:
    """Return the coverage of each package that has statements."""
    return [
        Measurement(name="package coverage", value=round(_percent(files), 2), unit="%", about=package)
        for package, files in _packages(cover, coverage).items()
    ]


def table(cover: list[str], coverage: Coverage) -> dict[str, Any]:
    """List the packages with their numbers."""
    rows = [
        [package, len(files), sum(each.num_statements for each in files), round(_percent(files), 1)]
        for package, files in _packages(cover, coverage).items()
    ]
    return {"title": "Coverage by package", "columns": ["package", "files", "statements", "coverage %"], "rows": rows}


def unseen(folder: Path, options: PytestOptions, coverage: Coverage) -> list[str]:
    """Return the files with statements that the report lacks.

    In a folder without ``__init__.py`` coverage counts only what the tests import, which makes the share too large.
    """
    folders = [path for path in options.cover if (folder / path).is_dir()]
    there = [file for file in expected(folder, folders, []) if not any(fnmatch(file, each) for each in options.omit)]
    return [file for file in there if file not in coverage.files and _has_statements(folder / file)]


def _packages(cover: list[str], coverage: Coverage) -> dict[str, list[Totals]]:
    found: dict[str, list[Totals]] = defaultdict(list)
    for name, file in coverage.files.items():
        if file.summary.num_statements:
            found[_package(name, cover)].append(file.summary)
    return dict(sorted(found.items()))


def _package(name: str, cover: list[str]) -> str:
    """Return the first folder below the one that is covered; its own folder for a file that lies right in it."""
    path = PurePosixPath(name)
    for root in cover:
        if path.is_relative_to(root):
            inner = path.relative_to(root).parent.parts[:1]
            return PurePosixPath(root, *inner).as_posix()
    return path.parent.as_posix()


def _percent(files: list[Totals]) -> float:
    """Count statements and branches together, as coverage does for the whole."""
    there = sum(each.num_statements + each.num_branches for each in files)
    return 100 * sum(each.covered_lines + each.covered_branches for each in files) / there


def _has_statements(path: Path) -> bool:
    try:
        body = ast.parse(path.read_text(encoding="utf-8")).body
    except (SyntaxError, ValueError):
        return True
    return any(not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)) for node in body)
