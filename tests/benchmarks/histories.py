"""Counts what ``harness migrations --all --format json`` found in whole histories, for the documentation.

``python -m tests.benchmarks.histories "wagtail 8.0.1=wagtail.json" ...``: a title and a file for each project.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.harness.migrations.facts_table import replace

PAGE = Path(__file__).resolve().parents[2] / "docs" / "migrations.md"
KEYS = ("about", "severity", "code")
Documents = Sequence[Mapping[str, Any]]


def main() -> None:
    """Read the files that the command line names, and write the table."""
    named = (word.partition("=") for word in sys.argv[1:])
    projects = {title: json.loads(Path(file).read_text(encoding="utf-8")) for title, _, file in named}
    PAGE.write_text(replace(PAGE.read_text(encoding="utf-8"), "histories", table(projects)), encoding="utf-8")


def table(projects: Mapping[str, Documents]) -> str:
    """Return the hazards of each project by side, severity and code."""
    counts = {title: _hazards(documents) for title, documents in projects.items()}
    keys = sorted({key for each in counts.values() for key in each})
    lines = [f"| about | severity | code | {' | '.join(projects)} |", f"|---|---|---|{'---|' * len(projects)}"]
    sizes = [
        f"{len({(each['app'], each['migration']) for each in documents})}, {len(documents)}"
        for documents in projects.values()
    ]
    lines.append(f"| | | migrations, operations | {' | '.join(sizes)} |")
    for key in keys:
        cells = [str(each[key]) if each[key] else "-" for each in counts.values()]
        lines.append(f"| {key[0]} | {key[1]} | `{key[2]}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def _hazards(documents: Documents) -> Counter[tuple[str, str, str]]:
    """Count each hazard once."""
    found = {
        (each["app"], each["migration"], each["index"], hazard["why"], *(hazard[key] for key in KEYS))
        for each in documents
        for hazard in each["hazards"]
    }
    return Counter((about, severity, code) for *_, about, severity, code in found)


if __name__ == "__main__":
    main()
