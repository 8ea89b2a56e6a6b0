"""The agent's process: takes the standard streams, starts the project, answers until the harness hangs up."""

from __future__ import annotations

import importlib
import os
import pkgutil
import queue
import sys
import threading
from typing import Any

import harness.agent
from harness.agent import startup
from harness.agent.protocol import MISSING, Channel, clean, complain, describe, trace

NO_PROCEDURES = ("__main__", "parent", "web", "workers", "wsgi")
HELLO = 0
PATIENCE = 1.0


def main() -> int:
    """Run the agent; its first answer (id 0) says whether the project started."""
    channel = _take_streams()
    try:
        startup.start()
        _import_procedures()
    except startup.NotStarted as error:
        _tell(channel, error)
        return 1
    channel.send({"id": HELLO, "result": {}})
    _loop(channel)
    return 0


def _tell(channel: Channel, error: Exception) -> None:
    said = describe(error)
    complain(said["trace"])
    complain(startup.MARK + said["message"])
    channel.send({"id": HELLO, "error": said})


def _take_streams() -> Channel:
    """Keep the real standard streams for the protocol: the project prints to the log and reads nothing."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, errors="backslashreplace")  # type: ignore[union-attr]
    return Channel(requests, answers)


def _import_procedures() -> None:
    """Import every module of this package; one that this Django cannot import takes only its own procedures away."""
    for module in pkgutil.iter_modules(harness.agent.__path__):
        if module.name in NO_PROCEDURES:
            continue
        try:
            importlib.import_module(f"harness.agent.{module.name}")
        except Exception as error:  # noqa: BLE001
            complain(trace(error))
            MISSING[module.name] = f"{type(error).__name__}: {clean(error)}"


def _loop(channel: Channel) -> None:
    """Answer requests one by one in the main thread; when the harness is gone in the middle of one, break off."""
    from django.db import connections

    waiting: queue.Queue[dict[str, Any] | None] = queue.Queue()
    idle = threading.Event()
    idle.set()
    threading.Thread(target=_listen, args=(channel, waiting, idle), daemon=True).start()
    while (request := waiting.get()) is not None:
        channel.answer(request)
        # An idle session would keep the harness from copying the database.
        connections.close_all()
        idle.set()


def _listen(channel: Channel, waiting: queue.Queue[dict[str, Any] | None], idle: threading.Event) -> None:
    while (request := channel.receive()) is not None:
        idle.clear()
        waiting.put(request)
    if not idle.wait(PATIENCE):
        os._exit(1)
    waiting.put(None)


if __name__ == "__main__":
    raise SystemExit(main())
