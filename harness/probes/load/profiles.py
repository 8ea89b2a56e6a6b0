"""The load profiles of ``profiles.toml``."""

from __future__ import annotations

import difflib
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from harness import configuration
from harness.errors import ConfigurationError

MOST = 2_000_000
Measure = Literal[
    "p50",
    "p95",
    "p99",
    "max",
    "error share",
    "rate achieved",
    "queries per request",
    "server cpu per request",
    "database time per request",
    "memory growth",
]


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base of everything that a person writes: unknown keys are errors."""


class Threshold(_Strict, frozen=True, kw_only=True):
    """A limit that a run must keep.

    `about` names an operation, "" is all of them together. Times are in ms, shares and growth in %, rates per second.
    With `abort` the run ends as soon as the limit is broken for good.
    """

    measure: Measure
    about: str = ""
    at_most: float | None = None
    at_least: float | None = None
    abort: bool = False


class Stage(_Strict, frozen=True, kw_only=True):
    """A part of a run: requests per second (`rate`) or people at work (`people`); with `ramp` it is reached evenly."""

    seconds: float
    rate: float | None = None
    people: int | None = None
    ramp: bool = False


class Search(_Strict, frozen=True, kw_only=True):
    """How the highest rate is looked for: from `start`, times `factor`, up to `limit`; then halved down to `within`."""

    start: float = 5
    factor: float = 1.6
    limit: float = 2000
    within: float = 0.1


class Quick(_Strict, frozen=True, kw_only=True):
    """What ``--quick`` replaces; `shorter` divides the length of every stage."""

    rate: float | None = None
    people: int | None = None
    seconds: float | None = None
    warmup: float | None = None
    users: int | None = None
    least: int | None = None
    least_each: int | None = None
    shorter: float | None = None


class Profile(_Strict, frozen=True, kw_only=True):
    """One profile: what is asked, for how long, and what must hold.

    Open: `rate` requests fall due per second, whatever became of earlier ones, and up to `users` are under way at once.
    Closed: `people` send, read, think and send again. `seconds` of it, or `stages`, are measured after `warmup` seconds
    at the first rate. A run with fewer than `least` measured requests, or `least_each` of any operation, is unsound.
    """

    rate: float | None = None
    people: int | None = None
    seconds: float | None = None
    stages: list[Stage] = []
    warmup: float = 3
    users: int = 24
    least: int = 100
    least_each: int = 1
    thresholds: list[Threshold] = []
    search: Search | None = None
    quick: Quick = Quick()

    @property
    def is_open(self) -> bool:
        """Whether requests fall due at a rate, instead of being sent by people who think in between."""
        return self.steps[0].rate is not None

    @property
    def steps(self) -> list[Stage]:
        """Its stages; the short form is one stage."""
        return self.stages or [Stage(seconds=self.seconds or 0, rate=self.rate, people=self.people)]

    @property
    def length(self) -> float:
        """The measured seconds."""
        return sum(stage.seconds for stage in self.steps)

    @property
    def end(self) -> float:
        """The seconds from the start until nothing more falls due."""
        return self.warmup + self.length

    def level(self, now: float) -> float:
        """Return the rate, or the number of people, that is asked `now` seconds after the start."""
        steps = self.steps
        before = value_of(steps[0])
        start = self.warmup
        for stage in steps:
            if now < start + stage.seconds:
                share = max(0.0, now - start) / stage.seconds if stage.ramp else 1.0
                return before + share * (value_of(stage) - before) if now >= start else before
            before, start = value_of(stage), start + stage.seconds
        return before


FREE = Profile(people=1, seconds=1e9, warmup=0, least=1)
"""What a run without a shape is: people work until somebody stops them, and nothing is asked of them."""


class Profiles(_Strict, frozen=True, kw_only=True):
    """A whole file."""

    profile: dict[str, Profile]


def value_of(stage: Stage) -> float:
    """Return the rate or the number of people of a stage."""
    return stage.rate if stage.rate is not None else float(stage.people or 0)


def read_profiles(path: Path, *, quick: bool) -> dict[str, Profile]:
    """Read and check all profiles of a file; raises ConfigurationError."""
    found = configuration.read(path, Profiles).profile
    profiles = {name: _shortened(profile) if quick else profile for name, profile in found.items()}
    for name, profile in profiles.items():
        _check(profile, f"{path}: profile {name!r}")
    return profiles


def read_profile(path: Path, name: str, *, quick: bool) -> Profile:
    """Read one profile; raises ConfigurationError that lists the names there are."""
    profiles = read_profiles(path, quick=quick)
    if name not in profiles:
        near = difflib.get_close_matches(name, profiles, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(profiles) or 'none'}."
        raise ConfigurationError(f"{path} has no profile {name!r}; {hint}")
    return profiles[name]


def check_operations(profile: Profile, name: str, operations: Sequence[str], path: Path) -> None:
    """Raise ConfigurationError where a threshold is about an operation that does not exist."""
    for threshold in profile.thresholds:
        if threshold.about and threshold.about not in operations:
            near = difflib.get_close_matches(threshold.about, operations, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(operations)}."
            raise ConfigurationError(
                f"{path}: profile {name!r} has a threshold about {threshold.about!r}, which is no operation; {hint}"
            )


def _shortened(profile: Profile) -> Profile:
    given: dict[str, Any] = {
        name: value for name, value in msgspec.structs.asdict(profile.quick).items() if value is not None
    }
    shorter = given.pop("shorter", 1.0)
    stages = [msgspec.structs.replace(stage, seconds=stage.seconds / shorter) for stage in profile.stages]
    return msgspec.structs.replace(profile, stages=stages, **given)


def _check(profile: Profile, where: str) -> None:
    if profile.stages and (profile.seconds is not None or profile.rate is not None or profile.people is not None):
        raise ConfigurationError(f"{where} has stages, so 'rate', 'people' and 'seconds' belong into each of them.")
    steps = profile.steps
    if any((stage.rate is None) == (stage.people is None) for stage in steps):
        raise ConfigurationError(f"{where} needs either 'rate' or 'people', in each stage.")
    if len({stage.rate is None for stage in steps}) > 1:
        raise ConfigurationError(f"{where} mixes 'rate' and 'people'; make it two profiles.")
    sizes = [*(stage.seconds for stage in steps), *(value_of(stage) for stage in steps), profile.users]
    if profile.least < 1:
        raise ConfigurationError(
            f"{where}: 'least' must be 1 or more, or a run that measured nothing would be believed."
        )
    if min(sizes) <= 0 or profile.warmup < 0 or not math.isfinite(sum(sizes) + profile.warmup):
        raise ConfigurationError(f"{where} needs a positive rate (or people), duration and number of users.")
    due = sum(stage.seconds * value_of(stage) for stage in steps) if profile.is_open else 0
    if due > MOST:
        raise ConfigurationError(
            f"{where} asks for {due:.0f} requests, more than the {MOST} that are kept; lower the rate or the time."
        )
    for threshold in profile.thresholds:
        if (threshold.at_most is None) == (threshold.at_least is None):
            raise ConfigurationError(f"{where}: the threshold on {threshold.measure!r} needs 'at_most' or 'at_least'.")
    if profile.search and (profile.search.factor <= 1 or not 0 < profile.search.within < 1 or not profile.is_open):
        raise ConfigurationError(f"{where}: a search needs a rate, a factor above 1 and 'within' between 0 and 1.")
