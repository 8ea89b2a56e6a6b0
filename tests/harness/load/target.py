"""A web server with known behaviour, as a target for the load generator."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PLATFORM = {
    "/api/courses/": {"results": [{"id": 3}]},
    "/api/courses/3/": {"tasks": [{"id": 4}, {"id": 5}]},
    "/api/assessment-tasks/": {"results": [{"id": 6}]},
    "/api/users/": {"results": [{"id": 11}]},
    "/api/quizzes/": {"results": [{"id": 7}]},
    "/api/quizzes/7/": {"tasks": [{"id": 8}]},
    "/api/submissions/": {"results": [{"id": 9, "grade": "1.00"}, {"id": 10, "grade": None}]},
}
"""What a tiny platform answers, by path."""


class Target(BaseHTTPRequestHandler):
    """Answers `/sleep/50/` after 50 ms, `/status/500/` with 500; `/stall/` lets everything wait until it is over."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    seen: list[tuple[str, str, str | None, bytes]]
    stalled: threading.Lock
    stall_seconds = 1.0

    def do_GET(self) -> None:
        """Answer a request."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.seen.append((self.command, self.path, self.headers.get("Authorization"), body))
        status = 200
        kind, _, value = self.path.strip("/").partition("/")
        if kind == "stall":
            with self.stalled:
                time.sleep(self.stall_seconds)
        with self.stalled:
            pass
        if kind in ("sleep", "slow"):
            time.sleep(int(value) / 1000)
        if kind == "status":
            status = int(value)
        answer = json.dumps(PLATFORM.get(self.path.partition("?")[0], {})).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_GET  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Write no log."""


class Running:
    """A target that runs: where it is, and what it has seen."""

    def __init__(self, url: str, seen: list[tuple[str, str, str | None, bytes]]) -> None:
        self.url = url
        self.seen = seen


@contextmanager
def run_target(tls: ssl.SSLContext | None = None) -> Iterator[Running]:
    """Run a target on a free port of loopback, behind TLS where its context is given."""
    seen: list[tuple[str, str, str | None, bytes]] = []
    handler = type("Handler", (Target,), {"seen": seen, "stalled": threading.Lock()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield Running(f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}", seen)
    finally:
        server.shutdown()
        server.server_close()
