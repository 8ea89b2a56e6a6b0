"""Consumers of the event stream: the progress on a terminal, and JSON lines."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from harness.errors import UsageError
from harness.events import Collected, Emit, Event, ProbeStarted, Progress


@contextmanager
def consumers(events: str) -> Iterator[Emit]:
    """Open the consumers that the command line asks for; yields the function that feeds all of them."""
    with ExitStack() as stack:
        opened: list[Emit] = []
        if events:
            opened.append(stack.enter_context(_json_lines(Path(events))))
        if sys.stderr.isatty():
            opened.append(stack.enter_context(_bars()))

        def emit(event: Event) -> None:
            for consume in opened:
                consume(event)

        yield emit


@contextmanager
def _json_lines(path: Path) -> Iterator[Emit]:
    try:
        file = path.open("wb")
    except OSError as error:
        raise UsageError(f"The events cannot be written to {path}: {error.strerror}; name another file.") from None
    with file:

        def consume(event: Event) -> None:
            file.write(msgspec.json.encode(event) + b"\n")
            file.flush()

        yield consume


@contextmanager
def _bars() -> Iterator[Emit]:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(24), TimeElapsedColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        yield _Screen(bars).consume


class _Screen:
    """One bar for the probe at work; those that are done leave."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._task: TaskID | None = None

    def consume(self, event: Event) -> None:
        """Follow one event."""
        if isinstance(event, ProbeStarted):
            self._task = self._bars.add_task(escape(event.probe), total=None)
        elif isinstance(event, Progress):
            # Commands that run no probe tell how far they are too.
            if self._task is None:
                self._task = self._bars.add_task("", total=None)
            text = escape(f"{event.probe}: {event.message}")
            self._bars.update(self._task, description=text, completed=event.done, total=event.total or None)
        elif isinstance(event, Collected) and self._task is not None:
            self._bars.remove_task(self._task)
            self._task = None
