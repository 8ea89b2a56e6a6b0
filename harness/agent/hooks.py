"""Puts a capture between Django and its databases and caches, in every thread, and takes it away again."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from time import perf_counter
from types import FrameType
from typing import Any, Protocol

from asgiref.sync import SyncToAsync
from django.conf import settings
from django.core.signals import request_started
from django.db.backends.utils import CursorWrapper
from django.utils.module_loading import import_string

from harness.agent.callpath import ORIGIN, CallPath, call_path, join_at

CACHE_METHODS = (
    *("add", "clear", "decr", "delete", "delete_many", "get", "get_many", "get_or_set", "has_key", "incr"),
    *("set", "set_many", "touch"),
)


class Counter(Protocol):
    """What hears of queries, cache operations and requests while it is in `active`."""

    def query(self, alias: str, sql: Any, params: Any, seconds: float, frame: FrameType) -> None:
        """Hear of a query that ended, with the frame that had it executed."""

    def cache(self, operation: str) -> None:
        """Hear of a cache operation."""

    def request(self) -> None:
        """Hear that a request begins."""


REQUEST: ContextVar[Counter | None] = ContextVar("harness_request", default=None)
"""The request that a context answers, in a server that is watched; threads that it starts work for it too."""

active: tuple[Counter, ...] = ()
_lock = threading.Lock()
_depth = threading.local()
_undo: list[tuple[Any, str, Any]] = []
_hooked: set[type[Any]] = set()
_held = False
_query = CursorWrapper._execute_with_wrappers  # type: ignore[attr-defined]
_await = SyncToAsync.__call__
_start = threading.Thread.start
_submit = ThreadPoolExecutor.submit


def listen(counter: Counter) -> None:
    """Tell a counter of everything from now on; the first one puts the hooks in place."""
    global active
    with _lock:
        if not _undo:
            _install()
        _hook_caches()
        active = (*active, counter)


def ignore(counter: Counter) -> None:
    """Tell a counter nothing more; after the last one nothing of the hooks is left."""
    global active
    with _lock:
        active = tuple(each for each in active if each is not counter)
        if not active and not _held:
            _remove()


def hold() -> None:
    """Leave the hooks in place between captures, until let_go().

    To take them away changes classes, and Python looks up a class slowly once it was changed a thousand times.
    """
    global _held
    _held = True


def let_go() -> None:
    """Take the hooks away as soon as nobody listens."""
    global _held
    with _lock:
        _held = False
        if not active:
            _remove()


@contextmanager
def silenced() -> Iterator[None]:
    """Tell nobody of anything meanwhile."""
    counters = active
    for each in counters:
        ignore(each)
    try:
        yield
    finally:
        for each in counters:
            listen(each)


def _install() -> None:
    """Hook in where all connections of all threads pass: wrapping connections would miss those of other threads."""
    _replace(CursorWrapper, "_execute_with_wrappers", _counted_query)
    _replace(SyncToAsync, "__call__", _await_with_origin)
    _replace(threading.Thread, "start", _start_with_origin)
    _replace(ThreadPoolExecutor, "submit", _submit_with_origin)
    request_started.connect(_next_request)


def _hook_caches() -> None:
    """Hook into the classes of the caches that are configured now: a test may have configured others."""
    for backend in _cache_backends():
        if backend not in _hooked:
            _hooked.add(backend)
            for name in CACHE_METHODS:
                _replace(backend, name, _counted_operation(name, getattr(backend, name)))


def _remove() -> None:
    request_started.disconnect(_next_request)
    _hooked.clear()
    while _undo:
        owner, name, before = _undo.pop()
        if before is None:
            delattr(owner, name)
        else:
            setattr(owner, name, before)


def _replace(owner: Any, name: str, replacement: Any) -> None:
    _undo.append((owner, name, vars(owner).get(name)))
    setattr(owner, name, replacement)


def _counted_query(self: Any, sql: Any, params: Any, many: bool, executor: Any) -> Any:
    started = perf_counter()
    try:
        return _query(self, sql, params, many, executor)
    finally:
        seconds = perf_counter() - started
        for counter in active:
            # The nearest frame is always that of CursorWrapper's own execute().
            counter.query(self.db.alias, sql, params, seconds, sys._getframe(2))


def _counted_operation(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    def operation(self: Any, *args: Any, **kwargs: Any) -> Any:
        # A backend may build one operation out of others; only the one that was asked for counts.
        if getattr(_depth, "inside", False):
            return original(self, *args, **kwargs)
        for counter in active:
            counter.cache(name)
        _depth.inside = True
        try:
            return original(self, *args, **kwargs)
        finally:
            _depth.inside = False

    return operation


def _cache_backends() -> Iterable[type[Any]]:
    """Return the classes of all configured caches; one that cannot be imported cannot be used either."""
    found: dict[type[Any], None] = {}
    for cache in settings.CACHES.values():
        try:
            found[import_string(cache["BACKEND"])] = None
        except ImportError:
            continue
    return found


def _next_request(**_: Any) -> None:
    for counter in active:
        counter.request()


async def _await_with_origin(self: Any, *args: Any, **kwargs: Any) -> Any:
    """Remember the coroutine's path: the function runs in a thread whose stack does not show it."""
    token = ORIGIN.set(call_path(sys._getframe(1), None))
    try:
        return await _await(self, *args, **kwargs)
    finally:
        ORIGIN.reset(token)


def _start_with_origin(self: threading.Thread) -> None:
    vars(self)["run"] = partial(_with_origin, call_path(sys._getframe(1), None), REQUEST.get(), self.run)
    _start(self)


def _submit_with_origin(self: ThreadPoolExecutor, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
    origin = call_path(sys._getframe(1), None)
    return _submit(self, partial(_with_origin, origin, REQUEST.get(), fn), *args, **kwargs)


def _with_origin(
    origin: CallPath, request: Counter | None, run: Callable[..., Any], /, *args: Any, **kwargs: Any
) -> Any:
    tokens = ORIGIN.set(origin), REQUEST.set(request)
    try:
        return run(*args, **kwargs)
    finally:
        ORIGIN.reset(tokens[0])
        REQUEST.reset(tokens[1])


join_at(_with_origin.__code__)
