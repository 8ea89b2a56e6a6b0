"""Values of environment variables, checked when the settings are read."""

import os
import re
from typing import Final

from django.core.exceptions import ImproperlyConfigured

RATE: Final = re.compile(r"[1-9]\d*/(second|minute|hour|day)")


def required(name: str) -> str:
    """The value of a variable; raises ImproperlyConfigured when it is missing or empty."""
    value = os.environ.get(name)
    if not value:
        raise ImproperlyConfigured(f"Set the environment variable {name}: production settings have no default for it.")
    return value


def rate(name: str, default: str = "") -> str | None:
    """The rate that a variable sets, like `10/minute`; None is no limit, and raises ImproperlyConfigured for others."""
    value = os.environ.get(name, default)
    if value and not RATE.fullmatch(value):
        raise ImproperlyConfigured(f"Set {name} to a rate like 10/minute or to nothing; it is {value!r}.")
    return value or None


def number(name: str, default: int) -> int:
    """The number that a variable sets, 0 or more; raises ImproperlyConfigured."""
    value = os.environ.get(name) or str(default)
    if not value.isdecimal():
        raise ImproperlyConfigured(f"Set {name} to a number, 0 or more; it is {value!r}.")
    return int(value)
