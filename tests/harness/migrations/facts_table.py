"""Writes the generated tables of docs/facts.md: ``python -m tests.harness.migrations.facts_table``."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from harness.databases import provision
from tests.harness.migrations.judged import JudgedCase, rehearse
from tests.harness.migrations.rules import found_table, not_applied_table

PAGE = Path(__file__).resolve().parents[3] / "docs" / "facts.md"


def table(judged: Sequence[JudgedCase]) -> str:
    """Return the corpus as a Markdown table, with the sums in front."""
    expected = sum(len(each.expected) for each in judged)
    found = sum(len(each.expected & each.found) for each in judged)
    missed = sum(len(each.expected - each.found) for each in judged)
    false = sum(len(each.found - each.expected) for each in judged)
    silent = sum(not each.expected and not each.found for each in judged)
    lines = [
        f"{len(judged)} migrations with {expected} known hazards: "
        f"**{found} found, {missed} missed, {false} false alarms**;",
        f"{silent} migrations without hazard are rightly passed over in silence.",
        "",
        "| migration | hazards found | missed | false alarms |",
        "|---|---|---|---|",
    ]
    for each in sorted(judged, key=lambda one: one.case.name):
        cells = [each.expected & each.found, each.expected - each.found, each.found - each.expected]
        lines.append(f"| {each.case.name} | " + " | ".join(", ".join(sorted(cell)) or "-" for cell in cells) + " |")
    return "\n".join(lines)


def replace(page: str, name: str, text: str) -> str:
    """Put a generated text between its two marks."""
    begin, end = f"<!-- {name}: generated, do not edit -->", f"<!-- end of {name} -->"
    assert begin in page
    assert end in page
    return re.sub(f"{begin}.*?{end}", lambda _: f"{begin}\n{text}\n{end}", page, flags=re.DOTALL)


def rules(page: str) -> str:
    """Put the rules of the field into the page."""
    return replace(replace(page, "rules", found_table()), "not applied", not_applied_table())


def main() -> None:
    """Rehearse the corpus and write its table."""
    with tempfile.TemporaryDirectory() as folder, provision() as server:
        text = table(rehearse(server, Path(folder)))
    PAGE.write_text(rules(replace(PAGE.read_text(encoding="utf-8"), "corpus", text)), encoding="utf-8")


if __name__ == "__main__":
    main()
