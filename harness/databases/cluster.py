"""A PostgreSQL server of the harness's own: a temporary data folder behind a unix socket, gone with the harness."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg

from harness.databases import watchdog
from harness.databases.binaries import Binaries
from harness.databases.database import Database
from harness.databases.postgres import PostgresServer
from harness.errors import DatabaseError

DEADLINE = 60.0
USER = "harness"
NOBODY = 65534
LONGEST_SOCKET_FOLDER = 80

# Durability is not needed; what a rehearsal measures (WAL, locks, scans) is left as PostgreSQL has it by default.
SETTINGS = {
    "listen_addresses": "",
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
    """Start a server under a watchdog process; return it and the maintenance database.

    Raises DatabaseError when it is not ready within a minute.
    """
    user = NOBODY if os.geteuid() == 0 else None
    folder = _folder(user)
    try:
        process = _watch(_readable(binaries, folder, user), folder, user)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    maintenance = Database(engine="postgresql", name="postgres", host=str(folder / "socket"), port=5432, user=USER)
    try:
        _wait(process, maintenance)
    except BaseException:
        stop(process)
        raise
    return process, maintenance


def stop(process: subprocess.Popen[str]) -> None:
    """Tell the watchdog to stop its server and to delete the folder, and wait until it has."""
    if process.stdin and not process.stdin.closed:
        process.stdin.close()
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _watch(binaries: Binaries, folder: Path, user: int | None) -> subprocess.Popen[str]:
    order = {
        "folder": str(folder),
        "user": user,
        "initdb": _initdb(binaries, folder),
        "postgres": _postgres(binaries, folder),
    }
    process = subprocess.Popen(
        [sys.executable, "-P", watchdog.__file__],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True,
    )  # fmt: skip
    assert process.stdin is not None  # noqa: S101
    process.stdin.write(json.dumps(order) + "\n")
    process.stdin.flush()
    return process


def _initdb(binaries: Binaries, folder: Path) -> list[str]:
    locale = ["--locale-provider=builtin", "--locale=C.UTF-8"] if binaries.major >= 17 else ["--no-locale"]
    data = ["-D", str(folder / "data"), "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions"]
    return [binaries.program("initdb"), *data, *locale]


def _postgres(binaries: Binaries, folder: Path) -> list[str]:
    settings = {**SETTINGS, "unix_socket_directories": str(folder / "socket")}
    if sys.platform == "linux" and binaries.major >= 14:
        settings["client_connection_check_interval"] = "1s"
    if any(_libraries(binaries).glob("pg_stat_statements.*")):
        settings["shared_preload_libraries"] = "pg_stat_statements"
    options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
    return [binaries.program("postgres"), "-D", str(folder / "data"), *options]


def _libraries(binaries: Binaries) -> Path:
    config = binaries.folder / "pg_config"
    if not config.is_file():
        return binaries.folder.parent / "lib"
    said = subprocess.run([str(config), "--pkglibdir"], capture_output=True, text=True, check=False).stdout.strip()
    return Path(said or binaries.folder.parent / "lib")


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
        except psycopg.OperationalError as error:
            if process.poll() is not None or time.monotonic() > end:
                told = process.stdout.readline().strip() or str(error).splitlines()[-1]
                raise DatabaseError(f"PostgreSQL did not start: {told}.") from None
            time.sleep(0.02)


def _folder(user: int | None) -> Path:
    """Make a temporary folder that the server's user can reach and whose socket path is short enough."""
    for base in (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")):  # noqa: S108
        if len(str(base)) <= LONGEST_SOCKET_FOLDER - len("/harness-pg-xxxxxxxx/socket") and _reachable(base, user):
            folder = Path(tempfile.mkdtemp(prefix="harness-pg-", dir=base))
            (folder / "socket").mkdir(mode=0o700)
            if user is not None:
                os.chown(folder, user, user)
                os.chown(folder / "socket", user, user)
            return folder
    raise DatabaseError(
        "PostgreSQL needs a temporary folder with a short path that every user can reach; set TMPDIR=/tmp."
    )


def _reachable(path: Path, user: int | None) -> bool:
    """Tell whether another user can enter that folder and those above it."""
    if not path.is_dir():
        return False
    return user is None or all(each.stat().st_mode & 0o001 for each in (path.resolve(), *path.resolve().parents))


def _readable(binaries: Binaries, folder: Path, user: int | None) -> Binaries:
    """Return binaries that the server's user can run: these, or a copy of them in the temporary folder."""
    if user is None or _reachable(binaries.folder, user):
        return binaries
    prefix = binaries.folder.parent
    package = prefix.parent
    copy = folder / "binaries" / package.name
    shutil.copytree(prefix, copy / prefix.name, symlinks=True, ignore=shutil.ignore_patterns("include", "*.a"))
    for libraries in package.parent.glob(f"{package.name}.libs"):
        shutil.copytree(libraries, copy.parent / libraries.name)
    for each in (folder / "binaries").rglob("*"):
        if not each.is_symlink():
            each.chmod(0o755)
    return Binaries(copy / prefix.name / binaries.folder.name, binaries.version)


def _same_version(version: str, binaries: Binaries) -> None:
    if version != binaries.version:
        raise DatabaseError(
            f"The server that answers is PostgreSQL {version}, but {binaries.folder} holds {binaries.version}; "
            "give a folder whose programs belong together."
        )
