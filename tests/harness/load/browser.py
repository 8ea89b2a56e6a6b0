"""A real Chromium, driven by its own DevTools protocol."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
    "--remote-allow-origins=*",
    "--window-size=1280,1000",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
PATIENCE = 30.0


class Elsewhere(Exception):  # noqa: N818
    """Raised while the page goes to another address."""


class Page:
    """One page of the browser."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self._number = 0

    def open(self, url: str) -> None:
        """Go to an address."""
        self.run("window.left = true")
        self._call("Page.navigate", url=url)
        self.wait("!window.left && document.readyState == 'complete'")

    def run(self, script: str) -> Any:
        """Return what a JavaScript expression is."""
        answer = self._call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait(self, script: str, seconds: float = PATIENCE) -> None:
        """Wait until an expression is true."""
        assert self.becomes(script, seconds), f"not {script}; the page says {self.run('document.body.innerText')}"

    def becomes(self, script: str, seconds: float) -> bool:
        """Tell whether an expression becomes true in time."""
        end = time.monotonic() + seconds
        while not (holds := self._holds(script)) and time.monotonic() < end:
            time.sleep(0.1)
        return holds

    def _holds(self, script: str) -> bool:
        """Tell whether an expression is true; on a page that is not complete yet it may fail."""
        try:
            return bool(self.run(f"(() => {{ try {{ return Boolean({script}) }} catch {{ return false }} }})()"))
        except Elsewhere:
            return False

    def picture(self, path: Path) -> None:
        """Take a picture of the page."""
        path.write_bytes(base64.b64decode(self._call("Page.captureScreenshot")["data"]))

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while (answer := json.loads(self._socket.recv())).get("id") != self._number:
            pass
        if "error" in answer:
            raise Elsewhere(answer["error"]["message"])
        return dict(answer["result"])


@contextmanager
def browse(folder: Path) -> Iterator[Page]:
    """Start the browser with an empty profile in `folder`; it ends with the block."""
    import websocket

    command = [str(CHROMIUM), *OPTIONS, f"--user-data-dir={folder / 'profile'}", "about:blank"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with closing(websocket.create_connection(_address(folder), timeout=PATIENCE)) as socket:
            yield Page(socket)
    finally:
        process.terminate()
        process.wait(10)


def _address(folder: Path) -> str:
    port = folder / "profile" / "DevToolsActivePort"
    end = time.monotonic() + PATIENCE
    while not (port.is_file() and port.read_text().strip()):
        assert time.monotonic() < end, "Chromium did not start"
        time.sleep(0.1)
    with urllib.request.urlopen(f"http://127.0.0.1:{port.read_text().split()[0]}/json/list") as listed:
        return str(next(each for each in json.load(listed) if each["type"] == "page")["webSocketDebuggerUrl"])
