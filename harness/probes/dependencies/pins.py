"""Reads a file of pinned requirements, and compares it with what is declared and with what is needed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from harness.errors import ProbeError
from harness.evidence import Finding, Severity
from harness.probes.dependencies.environment import Environment


class Line(msgspec.Struct, frozen=True):
    """One requirement of the file."""

    requirement: Requirement
    number: int
    hashed: bool

    @property
    def name(self) -> str:
        """The canonical name."""
        return canonicalize_name(self.requirement.name)

    @property
    def version(self) -> str:
        """The version that it is pinned to, "" where it is not."""
        specifiers = list(self.requirement.specifier)
        exact = len(specifiers) == 1 and specifiers[0].operator == "==" and not specifiers[0].version.endswith(".*")
        return specifiers[0].version if exact else ""


def read_lines(folder: Path, name: str) -> list[Line]:
    """Read the file; raises ProbeError where it is missing, empty, or has a line that says no requirement."""
    try:
        text = (folder / name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ProbeError(f"{name} cannot be read ({error}); compile it from what is declared.") from None
    lines = [_parse(name, number, line) for number, line in _logical(text)]
    if not lines:
        raise ProbeError(f"{name} pins nothing.")
    return lines


def check(
    lines: list[Line], declared: dict[str, Requirement], environment: Environment, file: str
) -> dict[str, list[Finding]]:
    """Return findings by measurement: what is not pinned, pinned otherwise than declared, or pinned for nothing."""
    needed = environment.closure(declared.values())
    pinned = {line.name for line in lines}
    loose = [
        _finding("not-pinned", line, "it may be any version that fits", file) for line in lines if not line.version
    ]
    loose += [_missing(name, by, file) for name, by in needed.items() if name not in pinned]
    return {
        "not pinned": loose,
        "misfitting pins": [_finding("misfitting-pin", line, why, file) for line, why in _misfits(lines, declared)],
        "superfluous pins": [
            _finding("superfluous-pin", line, "nothing that is declared needs it", file, "low")
            for line in lines
            if line.name not in needed and environment.applies(line.requirement)
        ],
    }


def _misfits(lines: list[Line], declared: dict[str, Requirement]) -> Iterator[tuple[Line, str]]:
    for line in lines:
        wanted = declared.get(line.name)
        if wanted and line.version and not wanted.specifier.contains(line.version, prereleases=True):
            yield line, f"{line.version} is pinned, {wanted} is declared"


def _logical(text: str) -> Iterator[tuple[int, str]]:
    """Join lines that end in a backslash; leave out comments and empty lines."""
    whole, began = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        bare = line.split(" #")[0].strip() if not line.lstrip().startswith("#") else ""
        began = began or number
        whole += " " + bare.removesuffix("\\").strip()
        if not bare.endswith("\\"):
            if whole.strip():
                yield began, whole.strip()
            whole, began = "", 0


def _parse(file: str, number: int, line: str) -> Line:
    words = line.split(" --hash=")
    try:
        return Line(Requirement(words[0].strip()), number, hashed=len(words) > 1)
    except InvalidRequirement:
        raise ProbeError(f"{file}, line {number}: {words[0]!r} names no requirement; write one per line.") from None


def _finding(code: str, line: Line, why: str, file: str, severity: Severity = "medium") -> Finding:
    remedy = "Compile the file again from what is declared."
    return Finding(code=code, severity=severity, about=line.name, why=why, remedy=remedy, file=file, line=line.number)


def _missing(name: str, by: str, file: str) -> Finding:
    why = f"{by} needs it, and it is not in the file" if by else "it is declared, and it is not in the file"
    remedy = "Compile the file again from what is declared."
    return Finding(code="not-pinned", severity="medium", about=name, why=why, remedy=remedy, file=file)
