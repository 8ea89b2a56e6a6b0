"""A PostgreSQL server of the harness's own: a temporary data folder behind a unix socket, gone with the harness."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import psycopg

from harness.databases import lodging, watchdog
from harness.databases.binaries import Binaries
from harness.databases.database import Database
from harness.databases.lodging import Lodging
from harness.databases.postgres import PostgresServer
from harness.errors import DatabaseError

DEADLINE = 60.0
USER = "harness"
PORT = 5432
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108
ENOUGH_SHARED_MEMORY = 512 * 1024**2

# Durability is not needed; what a rehearsal measures (WAL, locks, scans) is left as PostgreSQL has it by default.
SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "fsync": "off",
    "synchronous_commit": "off",
    "shared_buffers": "256MB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "1d",
    "max_connections": "100",
    "autovacuum": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}


class ClusterServer(PostgresServer):
    """A server that the harness started; closing it stops the server and deletes its folder."""

    def __init__(self, binaries: Binaries, origin: str) -> None:
        self._process, maintenance = start(binaries)
        try:
            super().__init__(maintenance, binaries, origin, owned=True)
            _same_version(self.version, binaries)
        except BaseException:
            stop(self._process)
            raise

    def close(self) -> None:
        """Stop the server and delete its folder, all databases with it."""
        self._created.clear()
        stop(self._process)


def start(binaries: Binaries) -> tuple[subprocess.Popen[str], Database]:
    """Start a server under a watchdog process; return that process and the maintenance database.

    Raises DatabaseError when the server is not ready within a minute.
    """
    place = lodging.find()
    try:
        process = _watch(lodging.readable(binaries, place), place)
    except BaseException:
        shutil.rmtree(place.folder, ignore_errors=True)
        raise
    maintenance = Database(engine="postgresql", name="postgres", host=str(place.socket), port=PORT, user=USER)
    try:
        _wait(process, maintenance)
    except BaseException:
        stop(process)
        raise
    return process, maintenance


def stop(process: subprocess.Popen[str]) -> None:
    """Tell the watchdog to stop its server and to delete the folder, and wait until it has."""
    for stream in (process.stdin, process.stdout):
        if stream and not stream.closed:
            stream.close()
    try:
        process.wait(timeout=DEADLINE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _watch(binaries: Binaries, place: Lodging) -> subprocess.Popen[str]:
    order = {
        "folder": str(place.folder),
        "user": place.user,
        "group": place.group,
        "initdb": _initdb(binaries, place),
        "postgres": _postgres(binaries, place),
    }
    process = subprocess.Popen(
        [sys.executable, "-P", watchdog.__file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert process.stdin is not None  # noqa: S101
    process.stdin.write(json.dumps(order) + "\n")
    process.stdin.flush()
    return process


def _initdb(binaries: Binaries, place: Lodging) -> list[str]:
    locale = ["--locale-provider=builtin", "--locale=C.UTF-8"] if binaries.major >= 17 else ["--no-locale"]
    data = ["-D", str(place.data), "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync"]
    return [binaries.program("initdb"), *data, *locale]


def _postgres(binaries: Binaries, place: Lodging) -> list[str]:
    settings = {**SETTINGS, "unix_socket_directories": str(place.socket)}
    if sys.platform == "linux" and binaries.major >= 14:
        settings["client_connection_check_interval"] = "1s"
    if SHARED_MEMORY.is_dir() and shutil.disk_usage(SHARED_MEMORY).free < ENOUGH_SHARED_MEMORY:
        # Containers often have 64 MB there: parallel index builds would fail.
        settings["dynamic_shared_memory_type"] = "mmap"
    if any(binaries.libraries().glob("pg_stat_statements.*")):
        settings["shared_preload_libraries"] = "pg_stat_statements"
    options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
    return [binaries.program("postgres"), "-D", str(place.data), *options]


def _wait(process: subprocess.Popen[str], maintenance: Database) -> None:
    """Wait until the server answers; the watchdog says on its standard output why it gave up."""
    assert process.stdout is not None  # noqa: S101
    told = process.stdout.readline().strip()
    if told != watchdog.STARTED:
        raise DatabaseError(f"PostgreSQL did not start: {told or 'its watchdog ended'}.")
    end = time.monotonic() + DEADLINE
    while True:
        try:
            maintenance.connect().close()
            return
        except psycopg.OperationalError:
            if process.poll() is not None:
                raise DatabaseError(f"PostgreSQL did not start: {process.stdout.readline().strip()}.") from None
            if time.monotonic() > end:
                raise DatabaseError(f"PostgreSQL did not answer within {DEADLINE:.0f} s of its start.") from None
            time.sleep(0.02)


def _same_version(version: str, binaries: Binaries) -> None:
    stated = re.match(r"\d+(\.\d+)*", version)
    if not stated or stated.group() != binaries.version:
        raise DatabaseError(
            f"The server that answers is PostgreSQL {version}, but {binaries.folder} holds {binaries.version}; "
            "give a folder whose programs belong together."
        )
