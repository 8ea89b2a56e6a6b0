"""A plugin for measuring: runs every other test of a suite without the harness's plugin.

``pytest -p alternating --without=0 --seconds=FILE`` leaves it out of the tests with even numbers,
``--without=1`` out of those with odd ones: over the two runs, every test ran once each way. Within a run both halves
take turns, test by test, so what slows the machine down meanwhile slows down both. With ``--nowhere`` it is left out
of both halves, which shows what such a comparison makes of no difference at all.

What tests share is timed apart: a long setUpClass() would outweigh the half that happens to have it.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Generator
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from _pytest.main import FSHookProxy

PLUGIN = "harness.pytest_plugin"
# What the first test under the plugin imports; a run pays for it once, and so it is timed once.
NEEDED = tuple(f"{PLUGIN}.{name}" for name in ("judging", "fixture", "message"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--without", type=int, default=0, help="the half that runs without the plugin: 0 or 1")
    parser.addoption("--nowhere", action="store_true", help="leave the plugin out of the other half too")
    parser.addoption("--seconds", type=Path, help="where the CPU times are written")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Alternating(config))


class Alternating:
    """One run: its CPU time until the first test, for imports, for fixtures that tests share, and for each half."""

    def __init__(self, config: pytest.Config) -> None:
        self._manager = config.pluginmanager
        self._without: int = config.option.without
        self._nowhere: bool = config.option.nowhere
        self._file: Path = config.option.seconds
        self._number = 0
        self._is_on = False
        self._is_shared = False
        self._detects = False
        self._proxies: dict[frozenset[object], FSHookProxy] = {}
        self._seconds = {"start": 0.0, "imports": 0.0, "shared": 0.0, "with": 0.0, "without": 0.0}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Put the switch where every test takes its hooks from, and time the imports."""
        hooks_of = session.gethookproxy

        def switched(path: Any) -> Any:
            hooks = hooks_of(path)
            return hooks if self._is_on else self._without_plugin(getattr(hooks, "remove_mods", ()))

        session.gethookproxy = switched  # type: ignore[method-assign]
        self._seconds["start"] = process_time()
        for name in NEEDED:
            importlib.import_module(name)
        self._seconds["imports"] = process_time() - self._seconds["start"]
        self._notice_detection()

    def _notice_detection(self) -> None:
        """Note whether any test is judged."""
        judge = sys.modules[f"{PLUGIN}.judging"].TestJudge
        before = judge.judge

        def noticed(judging: Any) -> None:
            self._detects = True
            before(judging)

        judge.judge = noticed

    def _without_plugin(self, removed: Any) -> FSHookProxy:
        """Return the hooks without the plugin's, made once: to make them for every call would slow this half down."""
        plugins = frozenset((*removed, sys.modules[PLUGIN]))
        if plugins not in self._proxies:
            self._proxies[plugins] = FSHookProxy(self._manager, plugins)
        return self._proxies[plugins]

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self) -> Generator[None, Any, Any]:
        """Time a test with its own fixtures."""
        half = "without" if self._number % 2 == self._without else "with"
        self._number += 1
        self._switch(on=half == "with" and not self._nowhere)
        before, shared = process_time(), self._seconds["shared"]
        result = yield
        self._seconds[half] += process_time() - before - (self._seconds["shared"] - shared)
        return result

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, Any, Any]:
        """Time what is made once for several tests; not again what it needs itself."""
        if fixturedef.scope == "function" or self._is_shared:
            return (yield)
        self._is_shared, before = True, process_time()
        try:
            return (yield)
        finally:
            self._seconds["shared"] += process_time() - before
            self._is_shared = False

    def _switch(self, *, on: bool) -> None:
        """Put the hooks of the capture in, as they are while a suite is watched, or take them out."""
        self._is_on = on
        hooks = sys.modules["harness.agent.hooks"]
        if not on:
            hooks.let_go()
            return
        hooks.hold()
        with sys.modules["harness.agent.capture"].Capture():
            pass

    def pytest_sessionfinish(self) -> None:
        """Write the times, unless detection ran where it should not or did not run at all: then they mean nothing."""
        if self._detects is self._nowhere:
            raise pytest.UsageError(f"Detection {'ran' if self._detects else 'never ran'} in this comparison.")
        self._file.write_text(json.dumps(self._seconds), encoding="utf-8")
