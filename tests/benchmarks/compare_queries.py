"""Runs the corpus of access patterns through other tools, in the environment of ``tox -e bench-queries``.

Each tool gets every pattern with five courses, in a process of its own. It writes docs/probes/queries-comparison.md;
``tox -e bench-queries -- tools`` writes only what is about the tools, ``-- suites`` what is about whole suites, and
``python -m tests.benchmarks.compare_queries TOOL`` prints what one tool reports.
"""

from __future__ import annotations

import importlib.metadata
import json
import sys
import warnings
from collections.abc import Callable
from statistics import median
from typing import Any

from tests.benchmarks.query_cost import DJANGO, FRAMES, OWN, PROCESSES, QUERIES, REPOSITORY, costs, in_a_process
from tests.benchmarks.suites import SUITES

PAGE = REPOSITORY / "docs/probes/queries-comparison.md"
HEAD = f"""# Other tools on the same access patterns

Written by `tests/benchmarks/compare_queries.py` (`tox -e bench-queries`): the patterns of the page `queries-corpus.md`
with five courses each. Caught means that the tool reports anything at all for a bad pattern, an alarm whatever it
reports for a good one. The patterns are ours, so read it as what each tool is made for, not as a score: django-zeal and
nplusone look for relations that are loaded lazily, django-query-contract reports every repetition on purpose.

Beside it what a query costs under each tool: CPU time to that of a bare one, in turns of random order, with the whole
of the tool's work at the end of a block of {QUERIES} queries, {FRAMES} project frames deep. Each figure is the median
of {PROCESSES} processes, with the least and the most of them: one alone may be some percent off.

| tool | version | bad caught | good reported | CPU time of a query | least to most |
|---|---|---|---|---|---|
"""
TOOLS = (OWN, "django-query-contract", "django-zeal", "nplusone")
SUITE_ROUNDS = 5
MARK = "\n## What detection costs a whole suite\n"
SUITES_HEAD = f"""{MARK}
The plugin with `queries_n_plus_one` for every test: CPU time of the whole run to that without the plugin. One half of
the tests runs with it and the other without, test by test in turns, and once more the other way round; the median of
{SUITE_ROUNDS} such pairs of runs, with the least and the most. The last column is the same comparison where both halves
went without: how far it is from 1 tells how small a difference can be told.

| suite | with detection to without | least to most | without to without |
|---|---|---|---|
"""


def main(part: str = "") -> None:
    """Run all tools and suites, or one `part`, and write the page."""
    tools, mark, suites = PAGE.read_text(encoding="utf-8").partition(MARK)
    tools = _tools() if part in ("", "tools") else tools
    suites = _suites() if part in ("", "suites") else mark + suites
    PAGE.write_text(tools + suites, encoding="utf-8")


def _tools() -> str:
    """Return the section about tools."""
    measured = {tool: costs(tool) for tool in TOOLS}
    django = [each[DJANGO] for each in measured[OWN]]
    rows = [f"| {DJANGO} | Django {importlib.metadata.version('django')} | | | {_figures(django)} |"]
    missed = []
    for tool in TOOLS:
        found = in_a_process("tests.benchmarks.compare_queries", tool)
        version = "this one" if tool == OWN else importlib.metadata.version(tool)
        cost = _figures([each[tool] for each in measured[tool]])
        rows.append(
            f"| {tool} | {version} | {len(found['bad'])} of {found['bad patterns']} "
            f"| {len(found['good'])} of {found['good patterns']} | {cost} |"
        )
        names = [", ".join(found[kind]) or "none" for kind in ("missed", "good")]
        missed.append(f"**{tool}** misses: {names[0]}. It reports of the good ones: {names[1]}.")
    return HEAD + "\n".join(rows) + "\n\n" + "\n\n".join(missed) + "\n"


def _figures(ratios: list[float]) -> str:
    return f"{median(ratios):.3f} | {min(ratios):.3f} to {max(ratios):.3f}"


def _suites() -> str:
    """Return the section about whole suites."""
    suites = [each() for each in SUITES]
    measured = [(suite.name, suite.compare(SUITE_ROUNDS)) for suite in suites]
    rows = [
        f"| {name} | {one.ratio:.3f} | {one.least:.3f} to {one.most:.3f} "
        f"| {one.same:.3f} ({one.same_least:.3f} to {one.same_most:.3f}) |\n"
        for name, one in measured
    ]
    return SUITES_HEAD + "".join(rows)


def run(tool: str) -> dict[str, Any]:
    """Run the corpus through one tool."""
    from tests.harness.queries.corpus import world

    world.configure(["zeal"] if tool == "django-zeal" else [])
    world.create_tables()
    from tests.harness.queries.corpus.measure import patterns

    every_bad, every_good = patterns()
    reports = REPORTERS[tool]
    bad = [pattern.name for pattern in every_bad if _reported(reports, pattern.run)]
    good = [each.__name__.replace("_", " ") for each in every_good if _reported(reports, each)]
    missed = [pattern.name for pattern in every_bad if pattern.name not in bad]
    return {
        "bad": bad,
        "missed": missed,
        "good": good,
        "bad patterns": len(every_bad),
        "good patterns": len(every_good),
    }


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
    if sys.argv[1:] and sys.argv[1] not in ("tools", "suites"):
        print(json.dumps(run(sys.argv[1])))  # noqa: T201
    else:
        main(*sys.argv[1:])
