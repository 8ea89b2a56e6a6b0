"""Runs Locust as a process of its own: its gevent must not meet the harness, nor its CPU time the server's."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import sys
import tempfile
from collections.abc import Callable
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
    if importlib.util.find_spec("locust") is None:
        raise ProbeError(
            "Locust is not installed; install the harness with its extra: pip install 'rollout-harness[load]'."
        )
    if not locustfile.is_file():
        raise ConfigurationError(
            f"{locustfile} does not exist; name the locustfile in the option 'locustfile' of the load."
        )
    with tempfile.TemporaryDirectory(prefix="harness-load-") as temporary:
        results = Path(temporary) / "results.json"
        path = _write(Path(temporary) / "plan.json", {**plan, "results": str(results)})
        code = subprocesses.run(
            _command(plan, url, locustfile),
            folder=folder,
            log=log,
            environment=_environment(path),
            seconds=plan["warmup"] + plan["seconds"] + _SPARE,
            on_line=_listener(progress),
        )
        if code or not results.is_file():
            words = subprocesses.last_words(log).rstrip(".")
            raise ProbeError(f"Locust ended with exit code {code} and without results: {words}. Its log is {log.name}.")
        raw = results.read_bytes()
    return msgspec.json.decode(raw, type=Results), raw


def _write(path: Path, plan: dict[str, Any]) -> Path:
    path.touch(mode=0o600)
    path.write_text(json.dumps(plan), encoding="utf-8")
    return path


def _command(plan: dict[str, Any], url: str, locustfile: Path) -> list[str]:
    users = sum(group["users"] for group in plan["groups"])
    limit = int(plan["warmup"] + plan["seconds"] + _SPARE / 2)
    options = ["--users", users, "--spawn-rate", users, "--run-time", f"{limit}s", "--stop-timeout", 1]
    quiet = ["--only-summary", "--loglevel", "WARNING", "--exit-code-on-error", 0]
    names = [group["name"] for group in plan["groups"]]
    command = [sys.executable, "-m", "locust", "-f", locustfile, "--headless", "--host", url, *options, *quiet, *names]
    return [str(part) for part in command]


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
