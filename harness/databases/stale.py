"""Databases that a killed harness left on a user's server: dropped only when surely ours and surely abandoned."""

from __future__ import annotations

import hashlib
import os
import socket
import sys
from pathlib import Path

import msgspec
import psutil

BOOT = Path("/proc/sys/kernel/random/boot_id")
PROCESSES = Path("/proc/self/ns/pid")

# Comments on databases are seen from every database of the server.
LIST = """
SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database
WHERE datname LIKE 'harness\\_%' AND pg_has_role(datdba, 'USAGE')
"""


class Mark(msgspec.Struct, frozen=True):
    """Who made a database: a token of machine, boot and process namespace, the process, and when that was started."""

    machine: str
    pid: int
    started: float


def mark() -> str:
    """Return the comment that tells who made a database; "" on a machine where that cannot be told for sure."""
    machine = _machine()
    if not machine:
        return ""
    return msgspec.json.encode(Mark(machine, os.getpid(), psutil.Process().create_time())).decode()


def abandoned(comment: str | None) -> bool:
    """Tell whether a comment names a process of this machine, since the same boot, that has ended."""
    try:
        made = msgspec.json.decode(comment or "", type=Mark)
    except msgspec.DecodeError:
        return False
    if not made.machine or made.machine != _machine():
        return False
    try:
        return abs(psutil.Process(made.pid).create_time() - made.started) > 1
    except psutil.NoSuchProcess:
        return True


def _machine() -> str:
    """Return a token of what makes a process number unique: the machine, its boot, and the container."""
    if sys.platform != "linux" or not BOOT.is_file():
        return ""
    parts = (socket.gethostname(), BOOT.read_text().strip(), os.readlink(PROCESSES))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
