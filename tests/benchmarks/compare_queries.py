"""Runs the corpus of access patterns through other tools, in the environment of ``tox -e bench-queries``.

Each tool gets every pattern with five courses, in a process of its own. It writes docs/probes/queries-comparison.md;
``python -m tests.benchmarks.compare_queries TOOL`` prints what one tool reports.
"""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs/probes/queries-comparison.md"
HEAD = """# Other tools on the same access patterns

Written by `tests/benchmarks/compare_queries.py` (`tox -e bench-queries`): the patterns of the page `queries-corpus.md`
with five courses each. Caught means that the tool reports anything at all for a bad pattern, an alarm whatever it
reports for a good one. The patterns are ours, so read it as what each tool is made for, not as a score: django-zeal and
nplusone look for relations that are loaded lazily, django-query-contract reports every repetition on purpose.

| tool | version | bad caught | good reported |
|---|---|---|---|
"""
OWN = "harness"
TOOLS = (OWN, "django-query-contract", "django-zeal", "nplusone")


def main() -> None:
    """Run all tools and write the page."""
    rows, missed = [], []
    for tool in TOOLS:
        command = [sys.executable, "-m", "tests.benchmarks.compare_queries", tool]
        done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr)
        found = json.loads(done.stdout)
        version = "this one" if tool == OWN else importlib.metadata.version(tool)
        rows.append(
            f"| {tool} | {version} | {len(found['bad'])} of {found['bad patterns']} "
            f"| {len(found['good'])} of {found['good patterns']} |"
        )
        names = [", ".join(found[kind]) or "none" for kind in ("missed", "good")]
        missed.append(f"**{tool}** misses: {names[0]}. It reports of the good ones: {names[1]}.")
    PAGE.write_text(HEAD + "\n".join(rows) + "\n\n" + "\n\n".join(missed) + "\n", encoding="utf-8")


def run(tool: str) -> dict[str, Any]:
    """Run the corpus through one tool."""
    from tests.harness.queries.corpus import world

    world.configure(["zeal"] if tool == "django-zeal" else [])
    world.create_tables()
    from tests.harness.queries.corpus.bad import BAD
    from tests.harness.queries.corpus.good import GOOD

    reports = REPORTERS[tool]
    bad = [pattern.name for pattern in BAD if _reported(reports, pattern.run)]
    good = [each.__name__.replace("_", " ") for each in GOOD if _reported(reports, each)]
    missed = [pattern.name for pattern in BAD if pattern.name not in bad]
    return {"bad": bad, "missed": missed, "good": good, "bad patterns": len(BAD), "good patterns": len(GOOD)}


def _reported(reports: Callable[[Callable[[], Any]], bool], pattern: Callable[[], Any]) -> bool:
    from django.db import transaction

    from tests.harness.queries.corpus import world

    with transaction.atomic(), transaction.atomic("other"):
        world.populate(5)
        try:
            return reports(pattern)
        finally:
            for alias in ("default", "other"):
                transaction.set_rollback(True, alias)


def _harness(pattern: Callable[[], Any]) -> bool:
    from harness.agent.capture import Capture
    from tests.harness.queries.corpus.measure import findings

    with Capture() as capture:
        pattern()
    return bool(findings(capture.report()))


def _contract(pattern: Callable[[], Any]) -> bool:
    from django_query_contract import QueryCapture, find_n_plus_one

    with QueryCapture() as capture:
        pattern()
    return bool(find_n_plus_one(capture))


def _zeal(pattern: Callable[[], Any]) -> bool:
    from zeal import ZealError, zeal_context

    try:
        with zeal_context():
            pattern()
    except ZealError:
        return True
    return False


def _nplusone(pattern: Callable[[], Any]) -> bool:
    import nplusone.ext.django.patch  # noqa: F401
    from nplusone.core import exceptions, profiler

    try:
        with profiler.Profiler():
            pattern()
    except exceptions.NPlusOneError:
        return True
    return False


REPORTERS = {"harness": _harness, "django-query-contract": _contract, "django-zeal": _zeal, "nplusone": _nplusone}

if __name__ == "__main__":
    warnings.simplefilter("ignore")
    if len(sys.argv) > 1:
        print(json.dumps(run(sys.argv[1])))  # noqa: T201
    else:
        main()
