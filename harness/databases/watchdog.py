"""Owns a temporary PostgreSQL server: stops it and deletes its folder as soon as the harness is gone, however it went.

Runs as a process of its own (standard library only). The first line of its standard input says what to start; the end
of that input, which comes even when the harness is killed, says stop.
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

STARTED = "started"
PATIENCE = 20.0


def main() -> int:
    """Start, wait, stop, delete."""
    signal.signal(signal.SIGTERM, _end)
    order = json.loads(sys.stdin.readline())
    folder = Path(order["folder"])
    try:
        return _serve(order, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _serve(order: dict[str, Any], folder: Path) -> int:
    log = folder / "server.log"
    with log.open("wb") as output:
        who: dict[str, Any] = {"cwd": folder, "stdin": subprocess.DEVNULL, "stdout": output, "stderr": output}
        if order["user"] is not None:
            who.update(user=order["user"], group=order["user"], extra_groups=[])
        if subprocess.run(order["initdb"], check=False, **who).returncode:
            return _give_up(log)
        server = subprocess.Popen(order["postgres"], **who)
    print(STARTED, flush=True)  # noqa: T201
    try:
        threading.Thread(target=_stop_at_end_of_input, args=(server,), daemon=True).start()
        return _give_up(log) if server.wait() and not sys.stdin.closed else 0
    finally:
        _stop(server)


def _stop_at_end_of_input(server: subprocess.Popen[bytes]) -> None:
    sys.stdin.read()
    sys.stdin.close()
    _stop(server)


def _stop(server: subprocess.Popen[bytes]) -> None:
    """Stop at once: nothing in the folder is needed any more."""
    server.send_signal(signal.SIGQUIT)
    try:
        server.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        server.kill()


def _give_up(log: Path) -> int:
    lines = [line for line in log.read_text(errors="replace").splitlines() if "FATAL" in line or "error" in line]
    print((lines or ["it ended without a word"])[-1], flush=True)  # noqa: T201
    return 1


def _end(*_: object) -> None:
    raise SystemExit(1)


if __name__ == "__main__":
    raise SystemExit(main())
