"""Runs Locust as a process of its own: its gevent must not meet the harness, nor its CPU time the server's."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import math
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

import harness
from harness import subprocesses
from harness.errors import ConfigurationError, ProbeError
from harness.probes.load.figures import Results

_SPARE = 60.0
_MARK = "harness.load "


def generate(
    plan: dict[str, Any],
    *,
    url: str,
    locustfile: Path,
    folder: Path,
    log: Path,
    progress: Callable[[float, float, int, int], None] | None = None,
) -> tuple[Results, bytes]:
    """Send a plan to `url` and return what was recorded, decoded and as JSON.

    The plan holds tokens: it lies in a folder that only this user can open, and that is gone afterwards. `progress`
    receives seconds gone, seconds in all, answers and errors. Raises ProbeError where Locust is missing or breaks off.
    """
    _check(locustfile)
    with _handed_over(plan) as (path, results):
        code = subprocesses.run(
            [*_command(plan, url, locustfile), *_headless(plan)],
            folder=folder,
            log=log,
            environment=_environment(path),
            seconds=plan["warmup"] + plan["seconds"] + _SPARE,
            on_line=_listener(progress),
        )
        if code or not results.is_file():
            words = subprocesses.last_words(log).rstrip(".")
            raise ProbeError(
                f"Locust ended with exit code {code} and without results, so there is no request to measure: {words}. "
                f"Its log is {log.name}."
            )
        raw = results.read_bytes()
    return msgspec.json.decode(raw, type=Results), raw


def show_page(
    plan: dict[str, Any],
    *,
    url: str,
    locustfile: Path,
    folder: Path,
    log: Path,
    port: int,
    tell: Callable[[str], None],
) -> None:
    """Open Locust's page on loopback and wait until it ends or is interrupted; `tell` receives its address."""
    _check(locustfile)

    def listen(line: str) -> None:
        if "web interface" in line:
            tell(f"http://127.0.0.1:{port}")

    page = ["--web-host", "127.0.0.1", "--web-port", str(port), "--class-picker", "--loglevel", "INFO"]
    with _handed_over(plan) as (path, _):
        code = subprocesses.run(
            [*_command(plan, url, locustfile), *page],
            folder=folder,
            log=log,
            environment=_environment(path),
            seconds=math.inf,
            on_line=listen,
        )
    if code:
        raise ProbeError(f"Locust's page ended with exit code {code}: {subprocesses.last_words(log).rstrip('.')}.")


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
def _handed_over(plan: dict[str, Any]) -> Iterator[tuple[Path, Path]]:
    """Write the plan where only this user can read it; yields its path and that of the results to come."""
    with tempfile.TemporaryDirectory(prefix="harness-load-") as temporary:
        results = Path(temporary) / "results.json"
        yield _write(Path(temporary) / "plan.json", {**plan, "results": str(results)}), results


def _write(path: Path, plan: dict[str, Any]) -> Path:
    path.touch(mode=0o600)
    path.write_text(json.dumps(plan), encoding="utf-8")
    return path


def _command(plan: dict[str, Any], url: str, locustfile: Path) -> list[str]:
    users = str(sum(group["users"] for group in plan["groups"]))
    command = [sys.executable, "-m", "locust", "-f", str(locustfile), "--host", url, "--stop-timeout", "1"]
    return [*command, "--users", users, "--spawn-rate", users]


def _headless(plan: dict[str, Any]) -> list[str]:
    limit = int(plan["warmup"] + plan["seconds"] + _SPARE / 2)
    options = ["--headless", "--run-time", f"{limit}s", "--exit-code-on-error", "0"]
    return [*options, "--only-summary", "--loglevel", "WARNING", *(group["name"] for group in plan["groups"])]


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
