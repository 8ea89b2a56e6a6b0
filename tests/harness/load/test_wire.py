"""Requests go out as they stand in the plan, on a connection that is kept."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from harness.load.wire import FAILURES, Wire, pack

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CLOSING = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"
CHUNKED = b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
UNTIL_THE_END = b"HTTP/1.1 200 OK\r\n\r\nall of it"


class Server:
    """Answers each connection with the answers of one list, in turn, and closes it then."""

    def __init__(self, answers: list[list[bytes]]) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.seen: list[bytes] = []
        self.answers = answers

    def serve(self) -> None:
        """Serve until the answers are used up."""
        for each in self.answers:
            connection, _ = self.listener.accept()
            with connection:
                for answer in each:
                    received = connection.recv(65536)
                    if not received:
                        break
                    self.seen.append(received)
                    connection.sendall(answer)


@contextmanager
def serve(*answers: list[bytes]) -> Iterator[Server]:
    """Serve the answers, one list for each connection."""
    server = Server(list(answers))
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.listener.close()
        thread.join(5)


def request(method: str = "GET", path: str = "/a/", **more: Any) -> dict[str, Any]:
    return {"operation": "a", "method": method, "path": path, "headers": {}, "body": None, "expect": [200], **more}


def test_a_request_goes_out_as_the_plan_has_it() -> None:
    body = {"text": "grün"}
    sent = request("POST", "/kühe/?q=a b", headers={"authorization": "Token x", "Accept": "text/plain"}, body=body)
    with serve([OK]) as server:
        wire = Wire(f"{server.url}/base/")
        response = wire.send(pack(sent))
        assert (response.get_code(), response.read()) == (200, b"ok")
        wire.close()

    head, _, content = server.seen[0].partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST /base/k%C3%BChe/?q=a%20b HTTP/1.1"
    assert b"Host: " + server.url.removeprefix("http://").encode() in lines
    assert {b"Authorization: Token x", b"Accept: text/plain", b"Content-Type: application/json"} <= set(lines)
    assert f"Content-Length: {len(content)}".encode() in lines
    assert content == b'{"text": "gr\\u00fcn"}'


def test_a_connection_is_kept_and_opened_again_when_the_server_has_closed_it() -> None:
    with serve([OK, CLOSING], [CHUNKED], [UNTIL_THE_END]) as server:
        wire = Wire(server.url)
        found = []
        for _ in range(4):
            response = wire.send(pack(request()))
            found.append((response.read(), response.get_code()))

    assert found == [(b"ok", 200), (b"ok", 200), (b"abcde", 201), (b"all of it", 200)]


def test_a_write_is_never_sent_twice() -> None:
    with serve([OK, b""], [OK]) as server:
        wire = Wire(server.url)
        wire.send(pack(request("POST"))).read()
        with pytest.raises(FAILURES):
            wire.send(pack(request("POST")))

        assert len(server.seen) == 2
        assert wire.send(pack(request("POST"))).read() == b"ok"


def test_a_dead_server_is_one_of_the_failures() -> None:
    with serve() as server:
        pass

    with pytest.raises(FAILURES):
        Wire(server.url).send(pack(request()))


@pytest.mark.parametrize("headers", [{"A": "b\r\nEvil: yes"}, {"A\n": "b"}])
def test_no_header_can_smuggle_another_in(headers: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="a header of 'a' holds a line break"):
        pack(request(headers=headers))
