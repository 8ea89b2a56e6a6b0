"""Requests through Django's test client, inside this process: what they answer, and which queries they cost."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.template import Template
from django.test import Client
from django.test.utils import setup_test_environment
from django.urls import Resolver404

from harness.agent import server_time
from harness.agent.caches import clear_caches
from harness.agent.callpath import culprit, place_of
from harness.agent.capture import Capture
from harness.agent.plans import find_unindexed
from harness.agent.protocol import Report, procedure

_ready: list[bool] = []


@procedure
def request(
    report: Report, requests: list[dict[str, Any]], capture: bool = True, rollback: bool = True, plans: bool = False
) -> list[dict[str, Any]]:
    """Send requests and return an answer for each.

    With `rollback` each runs in a transaction that is undone: nothing leaks into the next one, and `on_commit` hooks do
    not run. With `capture` the queries are counted warm: content-type and site caches are cleared, the request is sent
    once without being counted (`cold` says what that cost), and then counted; without `rollback` it is sent only once.
    With `plans` PostgreSQL is asked which filters no index serves, and how long it worked.
    """
    prepare()
    answers = []
    for number, each in enumerate(requests):
        report(each.get("operation", each["path"]), number, len(requests))
        answers.append(answer(each, capture=capture, rollback=rollback, plans=plans))
    return answers


@procedure
def open_sessions(report: Report, users: list[Any]) -> list[str]:
    """Open a session for each user (primary keys) and return the Cookie headers."""
    from django.contrib.auth import get_user_model

    cookies = []
    for number, key in enumerate(users):
        report("opening sessions", number, len(users))
        client = Client()
        client.force_login(get_user_model()._default_manager.get(pk=key))
        cookies.append(f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}")
    return cookies


def prepare() -> None:
    """Make this process fit for requests, once: the test host is allowed and mail goes nowhere."""
    if not _ready:
        # Django's test environment copies the context of every template for assertions, which nobody makes here.
        render = Template._render  # type: ignore[attr-defined]
        setup_test_environment()
        Template._render = render  # type: ignore[attr-defined]
        _ready.append(True)


def answer(
    each: dict[str, Any], *, capture: bool = True, rollback: bool = True, warm: bool = True, plans: bool = False
) -> dict[str, Any]:
    """Send one request as `request` describes it; without `warm` the caches are as the last request left them."""
    if not capture:
        return _send(each, rollback)[0]
    cold = None
    if rollback and warm:
        clear_caches()
        cold = _count(_send(each, rollback, counted=True)[1])
    sent, captured = _send(each, rollback, counted=True, plans=plans and rollback)
    return {**sent, **captured, "cold": cold}


def _count(captured: dict[str, Any]) -> int:
    queries = captured["queries"]
    return int(queries["reads"] + queries["writes"])


def _send(
    each: dict[str, Any], rollback: bool, counted: bool = False, plans: bool = False
) -> tuple[dict[str, Any], dict[str, Any]]:
    capture = Capture(parameters=plans)
    captured: dict[str, Any] = {}
    with silence(), undone() if rollback else _as_it_is():
        timed = plans and server_time.is_available()
        if timed:
            server_time.start()
        started = perf_counter()
        if counted:
            with capture:
                response, content = exchange(each)
        else:
            response, content = exchange(each)
        seconds = perf_counter() - started
        if counted:
            captured = capture.report()
            _add_plans(captured, capture, timed=timed, wanted=plans and not connection.needs_rollback)
    for statement in captured.get("statements", []):
        place = statement.pop("installed")
        # Where only framework code ran, the view is the nearest place of the project.
        if all(each["function"] == "template" for each in statement["path"]):
            statement["path"] += [*([place] if place else []), *_view(response)]
    return _describe(each, response, content, seconds), captured


def _add_plans(captured: dict[str, Any], capture: Capture, *, timed: bool, wanted: bool) -> None:
    """Add the server's time (milliseconds), and the filters that no index serves; None: not known here."""
    captured["server_milliseconds"] = round(server_time.read(), 3) if timed and wanted else None
    unindexed = find_unindexed(capture) if wanted else None
    captured["unindexed"] = None if unindexed is None else sum(map(len, unindexed.values()))
    for statement in captured["statements"]:
        statement["unindexed"] = (unindexed or {}).get(statement["fingerprint"], [])


def exchange(each: dict[str, Any]) -> tuple[Any, bytes]:
    """Send one request and return the response with its whole content.

    The body is `body` as JSON, or the text `raw` as it is; it is JSON unless `content_type` says otherwise.
    """
    body = "" if each.get("body") is None else json.dumps(each["body"])
    response = Client(raise_request_exception=False).generic(
        each["method"],
        each["path"],
        each.get("raw", body).encode(),
        content_type=each.get("content_type", "application/json"),
        secure=bool(settings.SECURE_SSL_REDIRECT),
        headers=each.get("headers") or {},
    )
    # A streaming answer queries while it is read, so it is read here.
    return response, b"".join(response) if response.streaming else response.content


def _describe(each: dict[str, Any], response: Any, content: bytes, seconds: float) -> dict[str, Any]:
    return {
        "operation": each.get("operation", ""),
        "status": response.status_code,
        "sha256": hashlib.sha256(_canonical(content)).hexdigest(),
        "unordered": hashlib.sha256(unordered(content)).hexdigest(),
        "created": _created(response, content),
        "size": len(content),
        "seconds": seconds,
        **failure(response),
    }


def failure(response: Any) -> dict[str, Any]:
    """Name the exception behind an answer 500, the line that raised it and what the database objected to."""
    kind, error, trace = response.exc_info or (None, None, None)
    return {
        "exception": kind.__name__ if kind else "",
        "culprit": culprit(trace),
        "database_error": _diagnose(error),
    }


def _view(response: Any) -> list[dict[str, Any]]:
    try:
        view = response.resolver_match.func
    except Resolver404:
        return []
    view = getattr(view, "view_class", None) or getattr(view, "cls", None) or view
    return [dict(place_of(view))] if hasattr(view, "__qualname__") else []


def _canonical(content: bytes) -> bytes:
    """Return JSON with sorted keys, so that releases that order them differently compare equal; else the content."""
    try:
        return json.dumps(json.loads(content), sort_keys=True).encode()
    except ValueError:
        return content


def unordered(content: bytes) -> bytes:
    """Return JSON with sorted keys and lists, for what two releases show in another order; else the content."""
    try:
        return _sorted(json.loads(content)).encode()
    except ValueError:
        return content


def _sorted(value: Any) -> str:
    if isinstance(value, dict):
        return json.dumps({key: _sorted(inner) for key, inner in value.items()}, sort_keys=True)
    if isinstance(value, list):
        return json.dumps(sorted(map(_sorted, value)))
    return json.dumps(value)


def _created(response: Any, content: bytes) -> Any:
    """Return the key of what a request made, as an answer 201 names it in "id"; else None."""
    try:
        shown = json.loads(content) if response.status_code == 201 else None
    except ValueError:
        return None
    key = shown.get("id") if isinstance(shown, dict) else None
    return key if isinstance(key, int | str) else None


def _diagnose(error: BaseException | None) -> dict[str, str]:
    """Return what the database objected to, as names (PostgreSQL): never its message, which quotes rows."""
    diagnosis = getattr(getattr(error, "__cause__", None), "diag", None)
    names = {"code": "sqlstate", "table": "table_name", "column": "column_name", "constraint": "constraint_name"}
    found = {name: getattr(diagnosis, attribute, None) for name, attribute in names.items()}
    return {name: value for name, value in found.items() if value}


@contextmanager
def undone(using: str | None = None) -> Iterator[None]:
    """Run a block in a transaction of a database ("default") and roll it back."""
    atomic = transaction.atomic(using)
    # As in Django's TestCase: atomic(durable=True) in the project must accept this block around it.
    atomic._from_testcase = True  # type: ignore[attr-defined]
    with atomic:
        yield
        transaction.set_rollback(True, using)


@contextmanager
def _as_it_is() -> Iterator[None]:
    yield


@contextmanager
def silence() -> Iterator[None]:
    """Keep the log free of the project's messages about requests: they may quote rows."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
