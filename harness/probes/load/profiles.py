"""The load profiles of ``profiles.toml``."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

import msgspec

from harness import configuration
from harness.errors import ConfigurationError


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base of everything that a person writes: unknown keys are errors."""


class Quick(_Strict, frozen=True, kw_only=True):
    """What ``--quick`` replaces."""

    rate: float | None = None
    seconds: float | None = None
    warmup: float | None = None
    users: int | None = None
    least: int | None = None


class Profile(_Strict, frozen=True, kw_only=True):
    """One profile: requests per second, seconds measured after those of the warm-up, users, fewest requests."""

    rate: float
    seconds: float
    warmup: float = 3
    users: int = 24
    least: int = 100
    quick: Quick = Quick()


class Profiles(_Strict, frozen=True, kw_only=True):
    """A whole file."""

    profile: dict[str, Profile]


def read_profile(path: Path, name: str, *, quick: bool) -> Profile:
    """Read one profile; raises ConfigurationError that lists the names there are."""
    profiles = configuration.read(path, Profiles).profile
    if name not in profiles:
        near = difflib.get_close_matches(name, profiles, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(profiles) or 'none'}."
        raise ConfigurationError(f"{path} has no profile {name!r}; {hint}")
    profile = profiles[name]
    if quick:
        profile = msgspec.structs.replace(profile, **_given(profile.quick))
    if min(profile.rate, profile.seconds, profile.users) <= 0 or profile.warmup < 0:
        raise ConfigurationError(f"{path}: profile {name!r} needs a positive rate, duration and number of users.")
    return profile


def _given(quick: Quick) -> dict[str, Any]:
    return {name: value for name, value in msgspec.structs.asdict(quick).items() if value is not None}
