"""The one stream that progress bars, JSON lines and logs consume."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from harness.evidence import Evidence


class RunStarted(msgspec.Struct, frozen=True, tag=True):
    """A run begins; `probes` are to be run in that order, `folder` receives what it makes."""

    phase: int
    probes: list[str]
    folder: str


class ProbeStarted(msgspec.Struct, frozen=True, tag=True):
    """A probe begins to measure."""

    probe: str


class Progress(msgspec.Struct, frozen=True, tag=True):
    """A probe tells how far it is; `total` 0 means that the end is not known."""

    probe: str
    message: str
    done: float = 0
    total: float = 0


class Collected(msgspec.Struct, frozen=True, tag=True):
    """A probe's evidence has come in."""

    evidence: Evidence


class Judged(msgspec.Struct, frozen=True, tag=True):
    """The gate has spoken."""

    forward: str
    way_back: str


Event = RunStarted | ProbeStarted | Progress | Collected | Judged
Emit = Callable[[Event], None]
