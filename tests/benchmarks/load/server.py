"""A web server that costs next to nothing, so that the client is what limits: `python server.py` says its port."""

from __future__ import annotations

import asyncio
import json

BODY = json.dumps({"count": 1, "results": [{"id": 3, "title": "A course", "instructor": 7}]}).encode()
ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nVary: Accept\r\nAllow: GET, HEAD, OPTIONS\r\n"
    b"X-Frame-Options: DENY\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: same-origin\r\n"
    b"Harness-Meter: 3 1.250 4.125 bench-1\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY)
)


class Quick(asyncio.Protocol):
    """Answers every GET request with the same few bytes, as a list of the platform looks."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        """Answer each whole request."""
        *whole, self._rest = (self._rest + data).split(b"\r\n\r\n")
        self._transport.write(ANSWER * len(whole))


async def main() -> None:
    """Serve on a free port of loopback until the process ends."""
    server = await asyncio.get_running_loop().create_server(Quick, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
