"""Finds the application that a watched server serves."""

from __future__ import annotations

import importlib
import os
from typing import Any

from harness.agent.served.line import TARGET


class NoTarget(ImportError):  # noqa: N818
    """Raised when there is no such application; the message is one sentence."""


def load() -> Any:
    """Import what HARNESS_SERVED_TARGET names, "module:attribute"; raises NoTarget, or what the module raises."""
    target = os.environ.get(TARGET, "")
    module, _, attribute = target.partition(":")
    if not module:
        raise NoTarget(f"{TARGET} names no application; start the server with the environment of served_queries().")
    found = importlib.import_module(module)
    try:
        return getattr(found, attribute or "application")
    except AttributeError:
        raise NoTarget(
            f"{TARGET} is {target!r}, but {module} has no {attribute or 'application'!r}; correct what "
            "served_queries() is given."
        ) from None
