"""Watches a WSGI application: serve ``harness.agent.served.wsgi:application``, or wrap one with `watched`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from harness.agent.callpath import end_at
from harness.agent.served.line import HEADER, is_wanted
from harness.agent.served.request import Request, Rest, begin
from harness.agent.served.target import load

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
_VARIABLE = f"HTTP_{HEADER.upper().replace('-', '_')}"


def watched(application: Application) -> Application:
    """Report the queries of each request to the test run that started this process; without one, change nothing."""
    if not is_wanted():
        return application
    begin()

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        return _Answer(application, environ, start_response)

    return serve


class _Answer:
    """An answer on its way; the report is delivered before the part that completes it."""

    def __init__(self, application: Application, environ: dict[str, Any], start_response: Callable[..., Any]) -> None:
        self._request = Request(environ.get(_VARIABLE, ""))
        self._rest = Rest()
        self._start_response = start_response
        with self._request.answering():
            self._whole = application(environ, self._start)
            self._parts = iter(self._whole)

    def _start(self, status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
        for name, value in headers:
            if name.lower() == "content-length":
                self._rest.announce(value)
        return self._start_response(status, headers, *more)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        with self._request.answering():
            part = next(self._parts, None)
        if part is None or self._rest.ends_with(len(part)):
            self._request.end()
        if part is None:
            raise StopIteration
        return part

    def close(self) -> None:
        """End an answer that nobody read to its end."""
        try:
            if hasattr(self._whole, "close"):
                self._whole.close()
        finally:
            self._request.end()


def __getattr__(name: str) -> Any:
    """Load the application when a server asks for it: whoever only wants to wrap one has no target."""
    if name != "application":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = watched(load())
    return globals()[name]


end_at(_Answer.__init__.__code__)
end_at(_Answer.__next__.__code__)
