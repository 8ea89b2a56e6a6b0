"""Runs the corpus of access patterns through other tools, in the environment of ``tox -e bench-queries``.

Each tool gets every pattern with five courses, in a process of its own. It writes docs/probes/queries-comparison.md;
``tox -e bench-queries -- tools`` writes only what is about the tools, ``-- suites`` what is about whole suites, and
``python -m tests.benchmarks.compare_queries TOOL`` prints what one tool reports.
"""

from __future__ import annotations

import gc
import importlib.metadata
import json
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from random import sample
from statistics import median
from time import process_time
from typing import Any

from tests.benchmarks.suites import SUITES

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs/probes/queries-comparison.md"
HEAD = """# Other tools on the same access patterns

Written by `tests/benchmarks/compare_queries.py` (`tox -e bench-queries`): the patterns of the page `queries-corpus.md`
with five courses each. Caught means that the tool reports anything at all for a bad pattern, an alarm whatever it
reports for a good one. The patterns are ours, so read it as what each tool is made for, not as a score: django-zeal and
nplusone look for relations that are loaded lazily, django-query-contract reports every repetition on purpose.

Beside it what a query costs under each tool: CPU time to that of a bare one, in one process, in turns of random order,
with the whole of the tool's work at the end of a block of 300 queries, 30 project frames deep.

| tool | version | bad caught | good reported | CPU time of a query |
|---|---|---|---|---|
"""
OWN = "harness"
DJANGO = "CaptureQueriesContext"
QUERIES, ROUNDS, FRAMES = 300, 41, 30
TOOLS = (OWN, "django-query-contract", "django-zeal", "nplusone")
SUITE_ROUNDS = 5
MARK = "\n## What detection costs a whole suite\n"
SUITES_HEAD = f"""{MARK}
The plugin with `queries_n_plus_one` for every test, beside the same suite without the plugin, in turns: CPU time of the
whole run, the least of {SUITE_ROUNDS} runs each. The last column is the largest to the least of the runs without
it: what is smaller is hardly told from what the machine does meanwhile.

| suite | with detection to without | runs without it |
|---|---|---|
"""


def main(part: str = "") -> None:
    """Run all tools and suites, or one `part`, and write the page."""
    tools, mark, suites = PAGE.read_text(encoding="utf-8").partition(MARK)
    tools = _tools() if part in ("", "tools") else tools
    suites = _suites() if part in ("", "suites") else mark + suites
    PAGE.write_text(tools + suites, encoding="utf-8")


def _tools() -> str:
    """Return the section about tools."""
    rows, missed = [], []
    rows.append(f"| {DJANGO} | Django {importlib.metadata.version('django')} | | | {_run(DJANGO)['ratio']:.2f} |")
    for tool in TOOLS:
        found = _run(tool)
        version = "this one" if tool == OWN else importlib.metadata.version(tool)
        rows.append(
            f"| {tool} | {version} | {len(found['bad'])} of {found['bad patterns']} "
            f"| {len(found['good'])} of {found['good patterns']} | {found['ratio']:.2f} |"
        )
        names = [", ".join(found[kind]) or "none" for kind in ("missed", "good")]
        missed.append(f"**{tool}** misses: {names[0]}. It reports of the good ones: {names[1]}.")
    return HEAD + "\n".join(rows) + "\n\n" + "\n\n".join(missed) + "\n"


def _suites() -> str:
    """Return the section about whole suites."""
    suites = [each() for each in SUITES]
    measured = [(suite.name, *suite.compare(SUITE_ROUNDS)) for suite in suites]
    rows = [f"| {name} | {ratio:.2f} | {apart:.2f} |\n" for name, ratio, apart in measured]
    return SUITES_HEAD + "".join(rows)


def _run(tool: str) -> dict[str, Any]:
    """Run the corpus through a tool in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.compare_queries", tool]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def run(tool: str) -> dict[str, Any]:
    """Run the corpus through one tool."""
    from tests.harness.queries.corpus import world

    world.configure(["zeal"] if tool == "django-zeal" else [])
    world.create_tables()
    from tests.harness.queries.corpus.measure import patterns

    every_bad, every_good = patterns()
    if tool == DJANGO:
        return {"ratio": _overhead(_django_context())}
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
        "ratio": _overhead(CONTEXTS[tool]()),
    }


def _overhead(context: Callable[[], AbstractContextManager[Any]]) -> float:
    """Return the median of paired ratios: a block of queries under the tool to a bare one."""
    from tests.harness.queries.corpus.models import School

    key = School.objects.create(name="School").pk

    def seconds(block: Callable[[], AbstractContextManager[Any]]) -> float:
        gc.collect()
        start = process_time()
        _deep(FRAMES, lambda: _work(block, lambda: School.objects.get(pk=key)))
        return process_time() - start

    def ratio() -> float:
        turns = sample((context, nullcontext), 2)
        measured = dict(zip(turns, map(seconds, turns), strict=True))
        return measured[context] / measured[nullcontext]

    return median(ratio() for _ in range(ROUNDS))


def _work(block: Callable[[], AbstractContextManager[Any]], query: Callable[[], Any]) -> None:
    with block():
        for _ in range(QUERIES):
            query()


def _deep(frames: int, run: Callable[[], None]) -> None:
    """Call from as deep a stack as a test's."""
    run() if not frames else _deep(frames - 1, run)


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


def _harness_context() -> Callable[[], AbstractContextManager[Any]]:
    from harness.agent.capture import Capture

    class Reported(Capture):
        # A generator's frame is not on the stack inside the block, and paths end at the frame that opens the capture.
        def __exit__(self, *error: object) -> None:
            super().__exit__(*error)
            self.report()

    return Reported


def _contract_context() -> Callable[[], AbstractContextManager[Any]]:
    from django_query_contract import QueryCapture, find_n_plus_one

    @contextmanager
    def reported() -> Iterator[None]:
        with QueryCapture() as capture:
            yield
        find_n_plus_one(capture)

    return reported


def _zeal_context() -> Callable[[], AbstractContextManager[Any]]:
    from zeal import zeal_context, zeal_ignore

    @contextmanager
    def ignored() -> Iterator[None]:
        with zeal_context(), zeal_ignore():
            yield

    return ignored


def _nplusone_context() -> Callable[[], AbstractContextManager[Any]]:
    from nplusone.core import profiler

    return lambda: profiler.Profiler(whitelist=[{"model": "*"}])


def _django_context() -> Callable[[], AbstractContextManager[Any]]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    return lambda: CaptureQueriesContext(connection)


CONTEXTS = {
    "harness": _harness_context,
    "django-query-contract": _contract_context,
    "django-zeal": _zeal_context,
    "nplusone": _nplusone_context,
}
REPORTERS = {"harness": _harness, "django-query-contract": _contract, "django-zeal": _zeal, "nplusone": _nplusone}

if __name__ == "__main__":
    warnings.simplefilter("ignore")
    if sys.argv[1:] and sys.argv[1] not in ("tools", "suites"):
        print(json.dumps(run(sys.argv[1])))  # noqa: T201
    else:
        main(*sys.argv[1:])
