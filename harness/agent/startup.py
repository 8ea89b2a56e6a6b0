"""Starts the project: its settings as they are, with only ``DATABASES["default"]`` replaced."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

DATABASE = "HARNESS_DATABASE"
MARK = "harness.agent: "
REPLACED = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
KEPT_OPTIONS = ("isolation_level", "server_side_binding", "transaction_mode", "init_command")
DIALECTS = {"postgresql": ("postgresql", "postgis"), "sqlite": ("sqlite", "spatialite")}


class NotStarted(Exception):  # noqa: N818
    """Raised when the project cannot be imported; the message is one sentence."""


def start() -> None:
    """Import the project with the database that the environment names; raises NotStarted."""
    if sys.path[0] != os.getcwd():
        sys.path.insert(0, os.getcwd())
    module = os.environ.get("DJANGO_SETTINGS_MODULE", "")
    try:
        _set_up(json.loads(os.environ.pop(DATABASE, "{}")))
    except ModuleNotFoundError as error:
        remedy = f"install it in the release's Python ({sys.executable}) or correct the release's path and settings"
        raise NotStarted(
            f"The settings {module!r} need the module {error.name!r}, which is missing; {remedy}."
        ) from error
    except SystemExit as error:
        said = f"it ended the process with {error.code!r}"
        raise NotStarted(f"The project does not start with the settings {module!r}: {said}.") from error
    except KeyError as error:
        said = f"the environment variable {error} is not set" if _is_of_environment(error) else first_line(error)
        raise NotStarted(f"The project does not start with the settings {module!r}: {said}.") from error
    except Exception as error:
        said = first_line(error)
        if "psycopg" in said:
            said += f"; install psycopg in the release's Python ({sys.executable}), or measure with --database sqlite"
        raise NotStarted(f"The project does not start with the settings {module!r}: {said}.") from error


def _is_of_environment(error: BaseException) -> bool:
    """Tell whether an exception comes out of ``os.environ``."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return frame is not None and frame.tb_frame.f_globals.get("__name__") == "os"


def first_line(error: BaseException) -> str:
    """Return an exception's class and the first line of what it says."""
    said = str(error).strip().splitlines()
    return f"{type(error).__name__}: {said[0].rstrip('.')}" if said else type(error).__name__


def _set_up(database: dict[str, Any]) -> None:
    import django
    from django.conf import settings

    if database:
        settings.DATABASES["default"] = replace(settings.DATABASES.get("default", {}), database)
    django.setup()


def replace(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Replace where a database is and keep how the project uses it (ATOMIC_REQUESTS, CONN_MAX_AGE, TEST ...).

    An engine of the same dialect is kept too: PostGIS, or one that a library wraps around Django's.
    """
    merged = {key: value for key, value in old.items() if key not in REPLACED}
    merged.update(new)
    if _dialect(old.get("ENGINE", "")) == _dialect(new["ENGINE"]):
        kept = {key: value for key, value in old.get("OPTIONS", {}).items() if key in KEPT_OPTIONS}
        merged.update(ENGINE=old["ENGINE"], OPTIONS={**kept, **new.get("OPTIONS", {})})
    return merged


def _dialect(engine: str) -> str:
    return next((name for name, words in DIALECTS.items() if any(word in engine for word in words)), engine)
