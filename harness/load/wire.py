"""Requests as the bytes that are sent, and the connection that each user keeps.

A plain FastHttpUser builds and checks every request anew, which is most of what it costs. The requests of a plan are
known beforehand: they are built once, and only the server's address is added when they are sent.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

import gevent.select  # type: ignore[import-untyped]
import gevent.ssl  # type: ignore[import-untyped]
from geventhttpclient import __version__
from geventhttpclient.connectionpool import ConnectionPool, SSLConnectionPool
from geventhttpclient.response import HTTPConnectionClosed, HTTPParseError, HTTPSocketPoolResponse

from harness.probes.load.reach import Trust

CHECKED = Trust()
TIMEOUT = 30.0
BLOCK = 16384
FAILURES = (OSError, HTTPParseError)
"""What a request without an answer raises."""
DEFAULTS = {"User-Agent": f"harness/geventhttpclient-{__version__}", "Accept-Encoding": "gzip, deflate, br"}
JSON = {"Content-Type": "application/json", "Accept": "application/json"}
REPEATABLE = frozenset(("GET", "HEAD", "OPTIONS", "PUT", "DELETE"))
WITH_BODY = frozenset(("POST", "PUT", "PATCH"))
UNRESERVED = "!#$%&'()*+,/:;=?@[]~"


class Packet(NamedTuple):
    """One request: its bytes before the path of the server's address, up to the Host header, and after it."""

    operation: str
    method: str
    start: bytes
    head: bytes
    body: bytes
    expect: frozenset[int]
    repeatable: bool


def pack(request: dict[str, Any]) -> Packet:
    """Build the bytes of a request of the plan; raises ValueError where a header or the method holds a line break."""
    method, body = request["method"].upper(), b""
    headers = dict(DEFAULTS)
    if request["body"] is not None:
        body = json.dumps(request["body"]).encode()
        headers.update(JSON)
    if body or method in WITH_BODY:
        headers["Content-Length"] = str(len(body))
    given = {name.title(): value for name, value in request["headers"].items()}
    lines = [f"{name}: {value}" for name, value in {**headers, **given}.items()]
    if any("\r" in line or "\n" in line for line in [method, *lines]):
        raise ValueError(f"a header of {request['operation']!r} holds a line break")
    path = quote(request["path"], safe=UNRESERVED)
    head = "\r\n".join([f"{path} HTTP/1.1", *lines, ""]).encode("latin-1")
    expect = frozenset(request["expect"])
    return Packet(request["operation"], method, f"{method} ".encode(), head, body, expect, method in REPEATABLE)


class Wire:
    """One connection to one server, kept between requests; closed by the server, it is opened again."""

    def __init__(self, url: str, trust: Trust = CHECKED) -> None:
        parts = urlsplit(url)
        host, secure = parts.hostname or "", parts.scheme == "https"
        port = parts.port or (443 if secure else 80)
        place = f"[{host}]" if ":" in host else host
        self._prefix = parts.path.rstrip("/").encode()
        self._end = f"Host: {place if port in (80, 443) else f'{place}:{port}'}\r\n\r\n".encode()
        self._pool = _open_pool(host, port, trust if secure else None)
        self._kept: Any = None

    def send(self, packet: Packet) -> HTTPSocketPoolResponse:
        """Send a request and return its answer, read up to the end of its headers; raises one of FAILURES.

        A server may close a connection that it has kept: what may be repeated is sent once more on a new one.
        """
        data = packet.start + self._prefix + packet.head + self._end + packet.body
        kept, self._kept = self._kept, None
        if kept is not None and not packet.repeatable and not _is_quiet(kept):
            self.release_socket(kept)
            kept = None
        try:
            return self._send(kept or self._pool.get_socket(), data, packet.method)
        except (HTTPConnectionClosed, ConnectionResetError, BrokenPipeError):
            if kept is None or not packet.repeatable:
                raise
        return self._send(self._pool.get_socket(), data, packet.method)

    def _send(self, sock: Any, data: bytes, method: str) -> HTTPSocketPoolResponse:
        try:
            sent = sock.send(data)  # a request nearly always fits at once
            if sent < len(data):
                sock.sendall(data[sent:])
        except BaseException:
            self.release_socket(sock)
            raise
        return HTTPSocketPoolResponse(sock, self, method=method, block_size=BLOCK)  # type: ignore[arg-type]

    def return_socket(self, sock: Any) -> None:
        """Keep the connection; an answer calls it when it is read to its end."""
        self._kept = sock

    def release_socket(self, sock: Any) -> None:
        """Close a connection that cannot be used any more; an answer calls it too."""
        self._pool.release_socket(sock)

    def close(self) -> None:
        """Close the connection."""
        if self._kept is not None:
            self.release_socket(self._kept)
            self._kept = None


def _open_pool(host: str, port: int, trust: Trust | None) -> ConnectionPool:
    """Return what opens connections, without TLS where there is nothing to trust."""
    timeouts: dict[str, Any] = {"size": 1, "connection_timeout": TIMEOUT, "network_timeout": TIMEOUT}
    if trust is None:
        return ConnectionPool(host, port, host, port, **timeouts)
    factory, insecure = context_factory(trust), trust.insecure
    return SSLConnectionPool(host, port, host, port, insecure=insecure, ssl_context_factory=factory, **timeouts)


def context_factory(trust: Trust) -> Callable[..., Any]:
    """Return what makes the TLS context of a connection; geventhttpclient's own choice of authorities is ignored."""
    return lambda **_: _context(trust)


@cache
def _context(trust: Trust) -> Any:
    """Return the context of all connections: to read the authorities of this machine takes longer than a request."""
    if trust.insecure:
        return gevent.ssl._create_unverified_context()
    return gevent.ssl.create_default_context(cafile=trust.ca_file or None)


def _is_quiet(sock: Any) -> bool:
    """Return whether a kept connection has nothing to read: what is there would be the server's goodbye."""
    readable, _, _ = gevent.select.select([sock], [], [], 0)
    return not readable
