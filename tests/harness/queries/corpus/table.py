"""Writes what was found in the corpus into the documentation: ``python -m tests.harness.queries.corpus.table``."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[4]
PAGE = REPOSITORY / "docs/probes/queries-corpus.md"
HEAD = """# Access patterns that the capture knows

Written by `tests/harness/queries/corpus/table.py` from a run over `tests/harness/queries/corpus`; a test keeps it
current. Every pattern runs on 2, 5 and 9 courses. A bad one is caught when the capture reports a statement that one
line repeats; the relation is right when it is the one that the pattern walks over; the advice when the pattern,
with the advice taken, no longer grows.
"""


def measure() -> list[dict[str, Any]]:
    """Run the corpus in a process of its own."""
    command = [sys.executable, "-m", "tests.harness.queries.corpus.measure"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    results: list[dict[str, Any]] = json.loads(done.stdout)
    return results


def is_relation_right(result: dict[str, Any]) -> bool:
    """Tell whether the relation that was named is the one behind the pattern."""
    return bool(result["chosen"]) and result["chosen"]["relation"] == result["expected"]["relation"]


def is_advice_right(result: dict[str, Any]) -> bool:
    """Tell whether the advice is the expected one and the growth is gone once it is taken."""
    advice = result["chosen"] and result["chosen"]["advice"]
    if not advice:
        return False
    said = f"{advice['text']} {advice['method']}"
    grows = len(set(result["counts"])) > 1
    return bool(grows and result["expected"]["advice"] in said and len(set(result["fixed"])) == 1)


def page(results: list[dict[str, Any]]) -> str:
    """Return the page as Markdown."""
    bad = [each for each in results if each["kind"] == "bad"]
    good = [each for each in results if each["kind"] == "good"]
    right = [each for each in bad if each["expected"]["relation"]]
    lines = [
        HEAD,
        "| | patterns | |",
        "|---|---|---|",
        f"| bad | {len(bad)} | {sum(bool(each['chosen']) for each in bad)} caught |",
        f"| with a relation behind it | {len(right)} | {sum(map(is_relation_right, right))} named right |",
        f"| advice | {len(bad)} | {sum(map(is_advice_right, bad))} remove the growth |",
        f"| good | {len(good)} | {sum(bool(each['found']) for each in good)} false alarms |",
        "",
        "## Bad",
        "",
        "| pattern | queries | after | relation | advice |",
        "|---|---|---|---|---|",
    ]
    for each in bad:
        chosen = each["chosen"] or {"relation": "missed", "advice": None}
        text = (chosen["advice"] or {"text": ""})["text"].split(" to the query of")[0].removeprefix("add ")
        text = text.split(", or fetch_mode")[0]
        counts = ", ".join(map(str, each["counts"]))
        after = ", ".join(map(str, each["fixed"]))
        relation = chosen["relation"].removeprefix("corpus.")
        lines.append(f"| {each['name']} | {counts} | {after} | {relation} | {text} |")
    lines += ["", "## Good", "", ", ".join(each["name"] for each in good) + "."]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(measure()), encoding="utf-8")
