"""Lists the Python files that a probe is to read, so that what a tool passes over in silence is noticed."""

from __future__ import annotations

import ast
import importlib.util
import os
import sys
import warnings
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import msgspec

from harness.errors import ProbeError
from harness.probes.probe import Options


class SourceOptions(Options, frozen=True, kw_only=True):
    """What to read, relative to the rollout file.

    `paths` are folders and files, `leave_out` folders, files or patterns (fnmatch) below them that are not read.
    """

    paths: list[str]
    leave_out: list[str] = []


class Source(msgspec.Struct, frozen=True):
    """A Python file that can be read: its path relative to the rollout file, its text and its syntax tree."""

    file: str
    text: str
    tree: ast.Module


def expected(folder: Path, paths: list[str], leave_out: list[str]) -> list[str]:
    """Return the Python files below `paths`, relative to `folder`; raises ProbeError where a path does not exist."""
    found: set[str] = set()
    for path in paths:
        if not (folder / path).exists():
            raise ProbeError(f"{path!r}, which the probe should read, does not exist in {folder}; mend its 'paths'.")
        found |= {os.path.relpath(file, folder) for file in _python_files(folder / path)}
    return sorted(file for file in found if not left_out(file, leave_out))


def read_sources(folder: Path, options: SourceOptions) -> list[Source]:
    """Read all files; raises ProbeError where there is none, or one is not valid UTF-8 or not valid Python."""
    files = expected(folder, options.paths, options.leave_out)
    if not files:
        raise ProbeError(f"There is no Python file in {', '.join(options.paths) or 'no path'}; mend 'paths'.")
    return [_read(folder, file) for file in files]


def left_out(file: str, patterns: list[str]) -> bool:
    """Tell whether a file lies in a folder of `patterns` or fits one of them."""
    return any(fnmatch(file, pattern) or fnmatch(file, pattern.rstrip("/") + "/*") for pattern in patterns)


def require_tool(module: str) -> None:
    """Raise ProbeError where the harness's interpreter does not have this module."""
    if importlib.util.find_spec(module) is None:
        raise ProbeError(f"{module} is not installed; install rollout-harness[quality].")


def _read(folder: Path, file: str) -> Source:
    try:
        text = (folder / file).read_text(encoding="utf-8")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            return Source(file, text, ast.parse(text))
    except (OSError, UnicodeDecodeError) as error:
        raise ProbeError(f"{file} cannot be read ({error}); mend it or leave it out.") from None
    except (SyntaxError, ValueError) as error:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise ProbeError(f"{file} is not valid for Python {version} ({error}); mend it or leave it out.") from None


def _python_files(path: Path) -> Iterator[Path]:
    """Walk a folder without hidden folders and virtual environments."""
    if path.is_file():
        yield path
        return
    for parent, folders, files in os.walk(path):
        folders[:] = [name for name in folders if not name.startswith(".") and name != "__pycache__"]
        folders[:] = [name for name in folders if not Path(parent, name, "pyvenv.cfg").is_file()]
        yield from (Path(parent, name) for name in files if name.endswith(".py"))
