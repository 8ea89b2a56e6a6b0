"""Reads what pytest wrote as JUnit XML."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree  # nosec B405  # pytest wrote what is read here
from collections import Counter
from pathlib import Path

import msgspec

from harness.errors import ProbeError

LONGEST = 160
OUTCOMES = {"error": "error", "failure": "failed", "skipped": "skipped"}
_PLACE = re.compile(r"^(?P<file>\S+\.py):(?P<line>\d+): ", re.MULTILINE)


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One test: its id as pytest takes it, where it failed (file and line), and the first line of what it said."""

    test: str
    outcome: str
    seconds: float
    file: str = ""
    line: int = 0
    message: str = ""


def read_cases(path: Path) -> list[Case]:
    """Read the file that `--junit-xml` wrote; raises ProbeError where there is none or it was cut off."""
    try:
        root = ElementTree.parse(path).getroot()  # noqa: S314  # nosec B314  # pytest wrote it a moment ago
    except FileNotFoundError:
        raise ProbeError("pytest ended without a result file") from None
    except ElementTree.ParseError as error:
        raise ProbeError(f"pytest's result file is not complete ({error})") from None
    return [_case(element) for element in root.iter("testcase")]


def tally(cases: list[Case]) -> Counter[str]:
    """Count the tests by outcome: passed, failed, error, skipped."""
    return Counter(case.outcome for case in cases)


def _case(element: ElementTree.Element) -> Case:
    file, line = element.get("file", ""), int(element.get("line", "-1")) + 1
    said = next((child for child in element if child.tag in OUTCOMES), None)
    return Case(
        test=_identity(element, file),
        outcome=OUTCOMES[said.tag] if said is not None else "passed",
        seconds=float(element.get("time", "0")),
        file=file,
        line=(_where(said.text or "", file) if said is not None else 0) or line,
        message=_first_line(said.get("message", "")) if said is not None else "",
    )


def _identity(element: ElementTree.Element, file: str) -> str:
    """Build `tests/test_a.py::TestB::test_c[1]` from the dotted class name and the file."""
    module = file.removesuffix(".py").replace("/", ".")
    classes = element.get("classname", "").removeprefix(module).strip(".")
    name = element.get("name", "")
    return "::".join(part for part in (file, *classes.split("."), name) if part)


def _where(trace: str, file: str) -> int:
    """Return the last line number of the test's own file in a traceback, 0 where it is not in it."""
    return max((int(found["line"]) for found in _PLACE.finditer(trace) if found["file"] == file), default=0)


def _first_line(message: str) -> str:
    line = message.strip().split("\n", 1)[0].strip()
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
