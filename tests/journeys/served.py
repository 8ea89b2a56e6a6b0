"""The refactored release behind Gunicorn on loopback, and people who speak to it over HTTP and nothing else."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

APPLICATION = "config.wsgi:application"
PLATFORM = Path(__file__).resolve().parents[2] / "platform"
SECONDS = 60


@dataclass
class Answer:
    """A status and the JSON that came with it."""

    status: int
    body: Any


@dataclass
class Person:
    """Somebody with a token, or without."""

    port: int
    token: str = ""

    def get(self, path: str) -> Answer:
        return self.request("GET", path)

    def post(self, path: str, **body: Any) -> Answer:
        return self.request("POST", path, body)

    def request(self, method: str, path: str, body: dict[str, Any] | None = None) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            headers = {"Content-Type": "application/json"} | (
                {"Authorization": f"Token {self.token}"} if self.token else {}
            )
            connection.request(method, f"/api/{path}", json.dumps(body) if body is not None else None, headers)
            response = connection.getresponse()
            content = response.read()
            return Answer(response.status, json.loads(content) if content else None)
        finally:
            connection.close()


@contextmanager
def served(
    url: str, log: Path, platform: Path = PLATFORM, application: str = APPLICATION, **environment: str
) -> Iterator[int]:
    """Serves the database of `url` with the code of the folder `platform`; returns the port."""
    with socket.create_server(("127.0.0.1", 0)) as listening, log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--bind", f"fd://{listening.fileno()}", "--threads", "8",
             "--no-control-socket", "--graceful-timeout", "2", application],
            cwd=platform,
            env=os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings.base"} | environment,
            pass_fds=[listening.fileno()],
            stdout=output,
            stderr=output,
        )  # fmt: skip
        port = listening.getsockname()[1]
        try:
            wait_for(server, port, log)
            yield port
        finally:
            server.terminate()
            server.wait(SECONDS)


def wait_for(server: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    """Returns when the server says that it is healthy; raises AssertionError when it ends or never is."""
    until = time.monotonic() + SECONDS
    while server.poll() is None and time.monotonic() < until:
        connection = HTTPConnection("127.0.0.1", port, timeout=SECONDS)
        connection.request("GET", "/healthz")
        if connection.getresponse().status == 200:
            return
        connection.close()
        time.sleep(0.1)
    raise AssertionError(log.read_text(encoding="utf-8"))
