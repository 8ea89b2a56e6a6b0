"""Marks what a harness makes outside of its own process, so that what it leaves when it is killed is known as such."""

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


class Mark(msgspec.Struct, frozen=True):
    """Who made something: a token of machine, boot and process namespace, the process, and when that was started."""

    machine: str
    pid: int
    started: float


def mark() -> str:
    """Return the text that tells who made something; "" on a machine where that cannot be told for sure."""
    machine = _machine()
    if not machine:
        return ""
    return msgspec.json.encode(Mark(machine, os.getpid(), psutil.Process().create_time())).decode()


def abandoned(text: str | None) -> bool:
    """Tell whether a mark names a process of this machine, since the same boot, that has ended."""
    try:
        made = msgspec.json.decode(text or "", type=Mark)
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
