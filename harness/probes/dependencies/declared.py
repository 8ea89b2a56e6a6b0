"""Reads which dependencies a project declares."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from harness.errors import ProbeError
from harness.probes.dependencies.options import DependenciesOptions


def declared(folder: Path, options: DependenciesOptions) -> dict[str, Requirement]:
    """Return the requirements by canonical name; raises ProbeError where there is none or one cannot be read."""
    try:
        document = tomllib.loads((folder / options.pyproject).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ProbeError(f"{options.pyproject} cannot be read ({error}).") from None
    lines = list(document.get("project", {}).get("dependencies", [])) if options.project else []
    for group in options.groups:
        lines += _group(document, group, options.pyproject)
    if not lines:
        raise ProbeError(f"{options.pyproject} declares no dependency there; mend 'project' and 'groups'.")
    found = (_parse(line, options.pyproject) for line in lines)
    return {canonicalize_name(each.name): each for each in found}


def _group(document: dict[str, Any], name: str, file: str) -> Iterator[str]:
    """List a dependency group with those that it includes (PEP 735)."""
    groups = document.get("dependency-groups", {})
    if name not in groups:
        raise ProbeError(f"{file} has no dependency group {name!r}; it has {', '.join(groups) or 'none'}.")
    for entry in groups[name]:
        if isinstance(entry, str):
            yield entry
        else:
            yield from _group(document, entry["include-group"], file)


def _parse(line: str, file: str) -> Requirement:
    try:
        return Requirement(line)
    except InvalidRequirement as error:
        raise ProbeError(f"{file} declares {line!r}, which cannot be read ({error}).") from None
