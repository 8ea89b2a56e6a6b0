"""Connects a show with Locust's events, in one process or in a master and its workers."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gevent  # type: ignore[import-untyped]
import msgspec
from locust.env import Environment
from locust.event import EventHook
from locust.runners import MasterRunner, WorkerRunner

from harness.load.people import Person
from harness.load.shapes import ProfileShape
from harness.load.show import Show
from harness.load.stock import Stock
from harness.probes.load.plan import Plan
from harness.probes.load.profiles import FREE

BEGIN, ROWS = "harness.begin", "harness.rows"
EVERY = 0.5
BY_HAND = "it was stopped by hand"


def listen(hook: EventHook, listener: Callable[..., None]) -> None:
    """Add a listener to one of Locust's events."""
    hook.add_listener(listener)  # type: ignore[no-untyped-call]


def attend(environment: Environment, show: Show) -> None:
    """Let the show follow the runs of this process."""
    listen(environment.events.spawning_complete, lambda **_: show.begin())
    if isinstance(environment.runner, WorkerRunner):
        _attend_worker(environment, environment.runner, show)
        return
    if isinstance(environment.runner, MasterRunner):
        environment.runner.register_message(ROWS, _receive(show))
    listen(environment.events.test_start, lambda **_: _start(environment, show))
    listen(environment.events.test_stopping, lambda **_: show.halt(BY_HAND))
    listen(environment.events.test_stop, lambda **_: _stop(show))
    listen(environment.events.quitting, lambda **_: write(show))


def write(show: Show) -> None:
    """Write what was recorded where the plan says; a half-written file is never seen under that name."""
    if show.plan.results and show.begun.is_set():
        path = Path(show.plan.results)
        draft = path.with_suffix(".part")
        draft.write_bytes(msgspec.json.encode(show.results()))
        draft.replace(path)


def _start(environment: Environment, show: Show) -> None:
    shape = environment.shape_class
    profile = shape.profile if isinstance(shape, ProfileShape) else FREE
    people = [each.__name__ for each in environment.user_classes if issubclass(each, Person)]
    show.ready(profile, people)
    runner = environment.runner
    if not isinstance(runner, MasterRunner):
        return
    clients = [client.id for client in [*runner.clients.ready, *runner.clients.running, *runner.clients.spawning]]
    show.workers = dict.fromkeys(clients, time.monotonic())
    for position, client in enumerate(clients):
        message = {
            "plan": msgspec.to_builtins(show.plan),
            "profile": msgspec.to_builtins(profile),
            "people": people,
            "position": position,
            "workers": len(clients),
        }
        runner.send_message(BEGIN, message, client_id=client)


def _stop(show: Show) -> None:
    show.close()
    write(show)


def _receive(show: Show) -> Callable[..., None]:
    def receive(environment: Environment, msg: Any, **_: Any) -> None:  # noqa: ARG001
        """Add what a worker recorded."""
        show.recorder.extend(msg.data)
        show.recorder.under_way = msg.data["under_way"]
        show.workers[msg.node_id] = time.monotonic()
        show.cpu[msg.node_id] = tuple(msg.data["cpu"])

    return receive


def _attend_worker(environment: Environment, runner: WorkerRunner, show: Show) -> None:
    show.is_worker = True

    def send() -> None:
        cpu = show.cpu.get("this process", (0.0, 0.0))
        runner.send_message(ROWS, {**show.recorder.take(), "under_way": show.recorder.under_way, "cpu": cpu})

    def keep_sending() -> None:
        recorder = show.recorder
        while show.recorder is recorder and not show.closed:
            gevent.sleep(EVERY)
            send()

    def begin(environment: Environment, msg: Any, **_: Any) -> None:  # noqa: ARG001
        given = msg.data
        if not show.plan.requests:
            show.plan = msgspec.convert(given["plan"], Plan)
            show.stock = Stock(show.plan)
        profile = msgspec.convert(given["profile"], type(FREE))
        show.ready(profile, given["people"], position=given["position"], workers=given["workers"])
        gevent.spawn(keep_sending)

    def stop(**_: Any) -> None:
        show.close()
        send()

    runner.register_message(BEGIN, begin)
    listen(environment.events.test_stop, stop)
