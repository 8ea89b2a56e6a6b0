"""A web server with known behaviour, as a target for the load generator."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


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
        if kind == "sleep":
            time.sleep(int(value) / 1000)
        if kind == "status":
            status = int(value)
        self.send_response(status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_POST = do_GET  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Write no log."""


class Running:
    """A target that runs: where it is, and what it has seen."""

    def __init__(self, url: str, seen: list[tuple[str, str, str | None, bytes]]) -> None:
        self.url = url
        self.seen = seen


@contextmanager
def run_target() -> Iterator[Running]:
    """Run a target on a free port of loopback."""
    seen: list[tuple[str, str, str | None, bytes]] = []
    handler = type("Handler", (Target,), {"seen": seen, "stalled": threading.Lock()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield Running(f"http://127.0.0.1:{server.server_address[1]}", seen)
    finally:
        server.shutdown()
        server.server_close()
