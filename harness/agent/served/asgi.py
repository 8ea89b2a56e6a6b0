"""Watches an ASGI application: serve ``harness.agent.served.asgi:application``, or wrap one with `watched`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from harness.agent.callpath import end_at
from harness.agent.served.line import HEADER, is_wanted
from harness.agent.served.request import Request, Rest, begin
from harness.agent.served.target import load

Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[dict[str, Any], Callable[[], Awaitable[dict[str, Any]]], Send], Awaitable[None]]
_NAME = HEADER.lower().encode()


def watched(application: Application) -> Application:
    """Report the queries of each request to the test run that started this process; without one, change nothing.

    A websocket is one request, from its beginning to its end.
    """
    if not is_wanted():
        return application
    begin()

    async def serve(scope: dict[str, Any], receive: Any, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await application(scope, receive, send)
            return
        request = Request(dict(scope["headers"]).get(_NAME, b"").decode("latin-1"))
        with request.answering():
            await application(scope, receive, _reporting(request, send))
        request.end()

    end_at(serve.__code__)
    return serve


def _reporting(request: Request, send: Send) -> Send:
    """Deliver the report before the part that completes the answer."""
    rest = Rest()

    async def send_on(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            rest.announce(dict(message.get("headers", ())).get(b"content-length", b"").decode())
        elif message["type"] == "http.response.body":
            is_whole = rest.ends_with(len(message.get("body", b"")))
            if is_whole or not message.get("more_body", False):
                request.end()
        await send(message)

    return send_on


def __getattr__(name: str) -> Any:
    """Load the application when a server asks for it: whoever only wants to wrap one has no target."""
    if name != "application":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = watched(load())
    return globals()[name]


# Django answers in a task of its own, below which there is only the event loop and what started it.
end_at(asyncio.Handle._run.__code__)
