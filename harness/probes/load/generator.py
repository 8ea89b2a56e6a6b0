"""Runs Locust as a process of its own: its gevent must not meet the harness, nor its CPU time the server's."""

from __future__ import annotations

import contextlib
import importlib.util
import math
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

import harness
from harness import subprocesses
from harness.errors import ConfigurationError, ProbeError, UsageError
from harness.probes.load.plan import Plan
from harness.probes.load.results import Results
from harness.temporary import temporary_folder

Partly = Callable[[Results, bytes], None]
_SPARE = 60.0
_MARK = "harness.load "


def generate(
    plan: Plan,
    *,
    url: str,
    locustfile: Path,
    folder: Path,
    log: Path,
    workers: int = 0,
    progress: Callable[[float, float, int, int], None] | None = None,
    partly: Partly | None = None,
) -> tuple[Results, bytes]:
    """Send what the plan's profile asks for to `url` and return what was recorded, decoded and as JSON.

    The plan holds tokens: it lies in a folder that only this user can open, and that is gone afterwards. `progress`
    receives seconds gone, seconds in all, answers and errors; `partly` what there is when the run is interrupted, as it
    is returned. With `workers` that many processes send. Raises ProbeError where Locust is missing or breaks off.
    """
    _check(locustfile)
    profile = plan.profiles[plan.profile]
    with _handed_over(plan) as (path, results):
        try:
            code = subprocesses.run(
                [*_command(url, locustfile), *_headless(plan, workers)],
                folder=folder,
                log=log,
                environment=_environment(path),
                seconds=profile.end + _SPARE,
                on_line=_listener(progress),
            )
        except KeyboardInterrupt:
            if partly:
                _hand_over(results, partly)
            raise
        if code or not results.is_file():
            raise ProbeError(_broken_off(code, log))
        return _read(results)


def show_page(
    plan: Plan,
    *,
    url: str,
    locustfile: Path,
    folder: Path,
    log: Path,
    port: int,
    tell: Callable[[str], None],
    workers: int = 0,
    progress: Callable[[float, float, int, int], None] | None = None,
    last: Partly | None = None,
) -> None:
    """Open Locust's page on loopback and wait until it ends or is interrupted; `tell` receives its address.

    `progress` is as in `generate`; `last` receives what the last run on the page has measured. Raises UsageError
    where the port is taken and ProbeError where Locust breaks off.
    """
    _check(locustfile)
    check_port(port)
    follow = _listener(progress)

    def listen(line: str) -> None:
        follow(line)
        if "web interface" in line:
            tell(f"http://127.0.0.1:{port}")

    page = ["--web-host", "127.0.0.1", "--web-port", str(port), "--class-picker", "--loglevel", "INFO"]
    with _handed_over(plan) as (path, results):
        try:
            code = subprocesses.run(
                [*_command(url, locustfile), *page, *_several(workers)],
                folder=folder,
                log=log,
                environment=_environment(path),
                seconds=math.inf,
                on_line=listen,
            )
        finally:
            if last:
                _hand_over(results, last)
    if code:
        raise ProbeError(f"Locust's page ended with exit code {code}: {subprocesses.last_words(log).rstrip('.')}.")


def check_port(port: int) -> None:
    """Raise UsageError where the page cannot listen on a port of loopback."""
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError as error:
            words = f"Port {port} of this machine cannot be used: {error.strerror}; name another one with --port."
            raise UsageError(words) from None
        except OverflowError:
            raise UsageError(f"There is no port {port}; name one up to 65535 with --port.") from None


def _read(results: Path) -> tuple[Results, bytes]:
    raw = results.read_bytes()
    return msgspec.json.decode(raw, type=Results), raw


def _hand_over(results: Path, partly: Partly) -> None:
    """Hand over what a run has measured, where one had begun."""
    if results.is_file():
        partly(*_read(results))


def _broken_off(code: int, log: Path) -> str:
    if code < 0:
        return (
            f"Locust was killed by signal {-code}, so there is no request to measure; where nobody did it, look "
            f"whether the machine ran out of memory. Its log is {log.name}."
        )
    words = subprocesses.last_words(log).rstrip(".")
    return (
        f"Locust ended with exit code {code} and without results, so there is no request to measure: {words}. "
        f"Its log is {log.name}."
    )


def _check(locustfile: Path) -> None:
    if not _is_installed("locust"):
        raise ProbeError(
            "Locust is not installed; install the harness with its extra: pip install 'rollout-harness[load]'."
        )
    if not locustfile.is_file():
        raise ConfigurationError(
            f"{locustfile} does not exist; name the locustfile in the option 'locustfile' of the load."
        )


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


@contextlib.contextmanager
def _handed_over(plan: Plan) -> Iterator[tuple[Path, Path]]:
    """Write the plan where only this user can read it; yields its path and that of the results to come."""
    with temporary_folder("load") as temporary:
        results = Path(temporary) / "results.json"
        yield write_plan(msgspec.structs.replace(plan, results=str(results)), Path(temporary)), results


def write_plan(plan: Plan, folder: Path) -> Path:
    """Write a plan, with its tokens, into a folder that only this user can open; returns its path."""
    path = folder / "plan.json"
    path.touch(mode=0o600)
    path.write_bytes(msgspec.json.encode(plan))
    return path


def _command(url: str, locustfile: Path) -> list[str]:
    return [sys.executable, "-m", "locust", "-f", str(locustfile), "--host", url, "--stop-timeout", "1"]


def _headless(plan: Plan, workers: int) -> list[str]:
    options = ["--headless", "--exit-code-on-error", "0", "--only-summary", "--loglevel", "WARNING"]
    return [*options, *_several(workers), *plan.classes]


def _several(workers: int) -> list[str]:
    """Let a master and its workers meet on a free port of loopback: their protocol is open and carries tokens."""
    if not workers:
        return []
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = str(found.getsockname()[1])
    bind = ["--master-bind-host", "127.0.0.1", "--master-bind-port", port]
    return ["--processes", str(workers), *bind, "--master-host", "127.0.0.1", "--master-port", port]


def _environment(plan: Path) -> dict[str, str]:
    """Return the environment without Locust's own variables, which would change the run."""
    root = str(Path(harness.__file__).resolve().parent.parent)
    kept = {name: value for name, value in subprocesses.clean_environment().items() if not name.startswith("LOCUST_")}
    return {**kept, "HARNESS_LOAD_PLAN": str(plan), "PYTHONPATH": root, "PYTHONUNBUFFERED": "1"}


def _listener(progress: Callable[[float, float, int, int], None] | None) -> Callable[[str], None]:
    def listen(line: str) -> None:
        if progress and line.startswith(_MARK):
            with contextlib.suppress(ValueError):
                gone, total, done, errors = line.removeprefix(_MARK).split()
                progress(float(gone), float(total), int(done), int(errors))

    return listen
