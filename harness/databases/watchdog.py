"""Owns a temporary PostgreSQL server: stops it and deletes its folder as soon as the harness is gone, however it went.

Runs as a process of its own (standard library only). The first line of its standard input says what to start; the end
of that input, which comes even when the harness is killed, says stop.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

STARTED = "started"
PATIENCE = 20.0
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of linux/prctl.h


def main() -> int:
    """Start, wait, stop, delete."""
    signal.signal(signal.SIGTERM, _end)
    order = json.loads(sys.stdin.readline())
    folder = Path(order["folder"])
    try:
        return _serve(order, folder)
    except OSError as error:
        return _give_up(f"{error.strerror}: {error.filename}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _serve(order: dict[str, Any], folder: Path) -> int:
    log = folder / "server.log"
    with log.open("wb") as output:
        who = _who(order, folder)
        if subprocess.run(order["initdb"], check=False, stdout=output, stderr=output, **who).returncode:
            return _give_up(_last_complaint(log))
        # Should this process be killed too, the kernel stops the server.
        bind = _die_with_parent if sys.platform == "linux" else None
        server = subprocess.Popen(order["postgres"], stdout=output, stderr=output, preexec_fn=bind, **who)
    print(STARTED, flush=True)  # noqa: T201
    try:
        threading.Thread(target=_stop_at_end_of_input, args=(server,), daemon=True).start()
        return _give_up(_last_complaint(log)) if server.wait() and not sys.stdin.closed else 0
    finally:
        _stop(server)


def _who(order: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return how PostgreSQL's programs run: as whom, where, and without the PG* variables of the user."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "LC_", "LANG"))}
    who: dict[str, Any] = {"cwd": folder, "stdin": subprocess.DEVNULL, "env": {**environment, "LC_ALL": "C"}}
    if order["user"] is not None:
        who.update(user=order["user"], group=order["group"], extra_groups=[])
    return who


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGQUIT)


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


def _last_complaint(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if "FATAL" in line or "error" in line]
    return (lines or ["it ended without a word"])[-1]


def _give_up(why: str) -> int:
    print(why, flush=True)  # noqa: T201
    return 1


def _end(*_: object) -> None:
    raise SystemExit(1)


if __name__ == "__main__":
    raise SystemExit(main())
