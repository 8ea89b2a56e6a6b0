"""Says with every answer what it cost: ``Harness-Meter: QUERIES DATABASE-MS CPU-MS BUILD``."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from typing import Any

from django.db import connection

BUILD = "HARNESS_BUILD"
HEADER = "Harness-Meter"
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Meter:
    """Counts the queries of one request, and the time from sending each until its answer is there."""

    def __init__(self) -> None:
        self._began = time.thread_time()
        self._queries = 0
        self._seconds = 0.0

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        """Carry out one query, as Django's `execute_wrapper` wants it."""
        clock = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            self._queries += 1
            self._seconds += time.perf_counter() - clock

    def read(self, build: str) -> str:
        """Return the value of the header."""
        cpu = time.thread_time() - self._began
        return f"{self._queries} {1000 * self._seconds:.3f} {1000 * cpu:.3f} {build}"


def metered(application: Application) -> Application:
    """Wrap a WSGI application where the harness has named the build that it serves, else return it as it is."""
    build = os.environ.get(BUILD, "")
    if not build:
        return application

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        meter = Meter()

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            return start_response(status, [*headers, (HEADER, meter.read(build))], *more)

        with connection.execute_wrapper(meter):
            return application(environ, start)

    return serve
