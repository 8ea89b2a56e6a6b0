"""Whatever happens in a command becomes one sentence on stderr and a documented exit code."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from harness.errors import HarnessError, Interrupted

_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
_INTERRUPTED = "Interrupted; everything it started is stopped and everything it created is dropped."
_BROKEN_PIPE = 141


def guard(command: Callable[[], int]) -> int:
    """Run a command; return its exit code, or the one of the error that it raised."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        with _interruptible():
            return _flushed(command())
    except (KeyboardInterrupt, Interrupted) as error:
        return _say(str(error) or _INTERRUPTED, Interrupted.exit_code)
    except HarnessError as error:
        return _say(str(error), error.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE
    except Exception as error:  # noqa: BLE001  the last net: a traceback belongs in a file, not on the screen
        return _say(_unexpected(error), HarnessError.exit_code)


@contextmanager
def _interruptible() -> Iterator[None]:
    """Make the first signal an interruption and ignore the next ones, so that cleaning up is not cut short."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for each in _SIGNALS:
            signal.signal(each, lambda *_: None)
        raise KeyboardInterrupt

    before = {each: signal.signal(each, interrupt) for each in _SIGNALS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _flushed(code: int) -> int:
    sys.stdout.flush()
    return code


def _say(sentence: str, code: int) -> int:
    from harness.provenance import redact

    print(f"harness: {redact(' '.join(sentence.split()))}", file=sys.stderr)  # noqa: T201
    return code


def _unexpected(error: Exception) -> str:
    import tempfile
    import traceback

    from harness.provenance import redact

    with tempfile.NamedTemporaryFile(
        "w", prefix="harness-error-", suffix=".log", delete=False, encoding="utf-8"
    ) as file:
        file.write(redact("".join(traceback.format_exception(error))))
    return f"An unexpected {type(error).__name__} broke it off; the traceback is in {file.name}, please attach it."
