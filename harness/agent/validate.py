"""Runs a validation script of the project inside it: a Python file with a function `validate`."""

from __future__ import annotations

import json
import os
import runpy
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from harness.agent.protocol import Failed, Report, procedure
from harness.agent.requests import undone


@procedure
def validate(report: Report, path: str, moment: str, before: Any = None) -> dict[str, Any]:  # noqa: ARG001
    """Call `validate(moment, before)` of a file in a transaction that can only read; a failed assertion is told.

    `before` is what the function returned before the phase. Returns {"failure": str or None, "value": JSON}. Raises
    Failed, without an exception's message (it may quote rows), when the script itself is wrong.
    """
    try:
        function = runpy.run_path(path).get("validate")
        if not callable(function):
            raise Failed(f"{path} has no function validate(moment, before); write one.")
        with _read_only(), undone():
            value = function(moment, before)
        return {"failure": None, "value": json.loads(json.dumps(value, cls=DjangoJSONEncoder))}
    except Failed:
        raise
    except AssertionError as error:
        said = str(error).strip().splitlines()
        return {"failure": said[0] if said else f"an assertion fails in line {_line(error, path)}", "value": None}
    except Exception as error:
        raise Failed(f"{path} fails in line {_line(error, path)} with {type(error).__name__}; correct it.") from error


@contextmanager
def _read_only() -> Iterator[None]:
    """Let the next transaction read only: the database is one that others compare with."""
    switch = "PRAGMA query_only =" if connection.vendor == "sqlite" else "SET default_transaction_read_only ="
    with connection.cursor() as cursor:
        cursor.execute(f"{switch} on")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"{switch} off")


def _line(error: BaseException, path: str) -> int:
    """Return the last line of the script that the error went through; 0 where it is another file's."""
    lines = [
        frame.lineno for frame in traceback.extract_tb(error.__traceback__) if os.path.samefile(frame.filename, path)
    ]
    return (lines[-1] if lines else getattr(error, "lineno", 0)) or 0
