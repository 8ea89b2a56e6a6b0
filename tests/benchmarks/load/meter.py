"""Measures what Locust's process uses while all users work, their first second left out, for every kind of user."""

from __future__ import annotations

import json
import time
from typing import Any

import gevent  # type: ignore[import-untyped]
from locust import events
from locust.env import Environment

_began: list[tuple[float, int]] = []


def _read(environment: Environment) -> tuple[float, int]:
    return time.process_time(), environment.stats.total.num_requests


def listen() -> None:
    """Print CPU seconds, requests and failures as Locust's own statistics count them."""

    def begin(environment: Environment) -> None:
        _began.append(_read(environment))

    def end(environment: Environment, **_: Any) -> None:
        (cpu, sent), (cpu_before, sent_before) = _read(environment), _began[-1]
        told = {"cpu": cpu - cpu_before, "requests": sent - sent_before, "failures": environment.stats.num_failures}
        print("meter", json.dumps(told), flush=True)  # noqa: T201

    @events.init.add_listener
    def follow(environment: Environment, **_: Any) -> None:
        environment.events.spawning_complete.add_listener(lambda **_: gevent.spawn_later(1, begin, environment))  # type: ignore[no-untyped-call]
        environment.events.test_stop.add_listener(end)  # type: ignore[no-untyped-call]
