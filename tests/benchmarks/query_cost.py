"""What a query costs under a tool that watches it: CPU time to that of a bare one.

``python -m tests.benchmarks.query_cost TOOL`` measures in one process, in turns of random order, and prints the ratios
of the tool and of Django's own CaptureQueriesContext. One process alone may be some percent off, however many rounds it
measures; so costs() asks several.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from random import sample
from statistics import median
from time import process_time
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
OWN = "harness"
DJANGO = "CaptureQueriesContext"
PROCESSES, ROUNDS, QUERIES, FRAMES = 7, 21, 300, 30
Context = Callable[[], AbstractContextManager[Any]]


def costs(tool: str) -> list[dict[str, float]]:
    """Return the ratios of a tool and of Django's own context in each of some processes."""
    return [in_a_process("tests.benchmarks.query_cost", tool) for _ in range(PROCESSES)]


def in_a_process(module: str, tool: str) -> dict[str, Any]:
    """Return what a module of the benchmarks prints of a tool, as JSON; raises RuntimeError where it fails."""
    command = [sys.executable, "-m", module, tool]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def measure(tool: str) -> dict[str, float]:
    """Return the medians of paired ratios: a block of queries in a context to a bare one."""
    from tests.harness.queries.corpus import world

    world.configure(["zeal"] if tool == "django-zeal" else [])
    world.create_tables()
    from tests.harness.queries.corpus.models import School

    key = School.objects.create(name="School").pk
    contexts: dict[str, Context] = {"bare": nullcontext, DJANGO: _django(), tool: CONTEXTS[tool]()}
    seconds: dict[str, list[float]] = {name: [] for name in contexts}
    for _ in range(ROUNDS):
        for name in sample(list(contexts), len(contexts)):
            gc.collect()
            start = process_time()
            _deep(FRAMES, lambda: _work(contexts[name], lambda: School.objects.get(pk=key)))  # noqa: B023
            seconds[name].append(process_time() - start)
    bare = seconds.pop("bare")
    return {name: median(one / other for one, other in zip(each, bare, strict=True)) for name, each in seconds.items()}


def _work(context: Context, query: Callable[[], Any]) -> None:
    with context():
        for _ in range(QUERIES):
            query()


def _deep(frames: int, run: Callable[[], None]) -> None:
    """Call from as deep a stack as a test's."""
    run() if not frames else _deep(frames - 1, run)


def _own() -> Context:
    from harness.agent.capture import Capture

    class Reported(Capture):
        # A generator's frame is not on the stack inside the block, and paths end at the frame that opens the capture.
        def __exit__(self, *error: object) -> None:
            super().__exit__(*error)
            self.report()

    return Reported


def _contract() -> Context:
    from django_query_contract import QueryCapture, find_n_plus_one

    @contextmanager
    def reported() -> Iterator[None]:
        with QueryCapture() as capture:
            yield
        find_n_plus_one(capture)

    return reported


def _zeal() -> Context:
    from zeal import zeal_context, zeal_ignore

    @contextmanager
    def ignored() -> Iterator[None]:
        with zeal_context(), zeal_ignore():
            yield

    return ignored


def _nplusone() -> Context:
    import nplusone.ext.django.patch  # noqa: F401
    from nplusone.core import profiler

    return lambda: profiler.Profiler(whitelist=[{"model": "*"}])


def _django() -> Context:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    return lambda: CaptureQueriesContext(connection)


CONTEXTS: dict[str, Callable[[], Context]] = {
    OWN: _own,
    "django-query-contract": _contract,
    "django-zeal": _zeal,
    "nplusone": _nplusone,
}

if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1])))  # noqa: T201
