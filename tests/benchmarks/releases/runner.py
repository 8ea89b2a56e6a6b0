"""Runs inside a release's own interpreter: sends requests through its WSGI application and measures their seconds.

A line of JSON comes in for each visit, and a line goes out: the seconds of every request; or the number of queries, the
status, and the hash of the body, so that the caller can tell that two arms did the same.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import sys
from contextlib import ExitStack
from io import BytesIO
from time import perf_counter
from typing import Any

from harness.agent import startup


def main() -> None:
    """Answer visits until the caller hangs up."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    if urls := os.environ.get("BENCHMARK_URLS"):
        sys.path.append(os.path.dirname(os.path.abspath(__file__)))
    startup.start()
    logging.disable(logging.CRITICAL)
    if urls:
        from django.conf import settings

        settings.ROOT_URLCONF = urls
    from django.core.signals import request_finished, request_started
    from django.core.wsgi import get_wsgi_application
    from django.db import close_old_connections

    for signal in (request_started, request_finished):  # as in Django's tests: a transaction is open around a write
        signal.disconnect(close_old_connections)
    application = get_wsgi_application()
    for line in sys.stdin:
        print(json.dumps(visit(application, json.loads(line))), file=answers, flush=True)


def visit(application: Any, wanted: dict[str, Any]) -> dict[str, Any]:
    """Send the request so many `times`; or once, if `times` is 0, and count its queries."""
    seconds = [send(application, wanted)[0] for _ in range(wanted["times"])]
    if seconds:
        return {"seconds": seconds}
    queries: list[str] = []
    _, status, content = send(application, wanted, queries)
    return {"queries": len(queries), "status": status, "sha256": hashlib.sha256(content).hexdigest()}


def send(application: Any, wanted: dict[str, Any], queries: list[str] | None = None) -> tuple[float, str, bytes]:
    """Send the request once, and undo what it wrote."""
    from django.db import connection

    from harness.agent.requests import undone

    def count(execute: Any, sql: str, *more: Any) -> Any:
        if queries is not None and not sql.startswith(("SAVEPOINT", "RELEASE")):
            queries.append(sql)
        return execute(sql, *more)

    given = environ(wanted)
    statuses: list[str] = []
    with ExitStack() as stack:
        if queries is not None:
            stack.enter_context(connection.execute_wrapper(count))
        if wanted["body"] is not None:
            stack.enter_context(undone())
        started = perf_counter()
        response = application(given, lambda status, _headers: statuses.append(status))
        content = b"".join(response)
        seconds = perf_counter() - started
    response.close()
    return seconds, statuses[0], content


def environ(wanted: dict[str, Any]) -> dict[str, Any]:
    """The request as a WSGI server hands it over."""
    body = b"" if wanted["body"] is None else json.dumps(wanted["body"]).encode()
    path, _, query = wanted["path"].partition("?")
    return {
        "REQUEST_METHOD": wanted["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost",
        "HTTP_AUTHORIZATION": f"Token {wanted['token']}",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


if __name__ == "__main__":
    main()
