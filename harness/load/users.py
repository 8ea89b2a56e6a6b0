"""Locust users that send a plan: every request at its own time, whatever became of the earlier ones."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

import gevent  # type: ignore[import-untyped]
import psutil
from gevent.event import Event  # type: ignore[import-untyped]
from locust import FastHttpUser, constant, events, task
from locust.env import Environment
from locust.event import EventHook
from locust.exception import StopUser

from harness.load.plan import Group, Plan
from harness.load.recorder import Recorder

TIMEOUT = 30.0
GRACE = 15.0


class Clocks(NamedTuple):
    """Time gone, this process's CPU time, and what all cores of the machine have worked and had, in seconds."""

    wall: float
    own: float
    busy: float
    all: float

    @classmethod
    def read(cls) -> Clocks:
        """Read all clocks."""
        times = psutil.cpu_times()
        everything = sum(times)
        idle = times.idle + getattr(times, "iowait", 0.0)
        return cls(time.perf_counter(), time.process_time(), everything - idle, everything)


class Show:
    """A run of the plan: its clock, its recorder, and its end. The page may start it again."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._begun = Event()
        self.reset()

    def reset(self) -> None:
        """Make ready for a run from the beginning."""
        self.recorder = Recorder()
        self.waiting = {group.name: deque(group.arrivals) for group in self.plan.groups}
        self._begun.clear()
        self._start = 0.0
        self._clocks: list[Clocks] = []

    def now(self) -> float:
        """Return the seconds after the start."""
        return time.perf_counter() - self._start

    def wait_until(self, due: float) -> None:
        """Sleep until a moment after the start; the start is when all users are there."""
        self._begun.wait()
        gevent.sleep(max(0.0, due - self.now()))

    def begin(self, environment: Environment) -> None:
        """Start the clock, and see to it that the run ends; journeys alone have neither."""
        runner = environment.runner
        chosen = runner.user_classes_count if runner else {}
        if not self._begun.is_set() and any(chosen.get(group.name) for group in self.plan.groups):
            self._start = time.perf_counter()
            self._begun.set()
            gevent.spawn(self._direct, environment)

    def write(self) -> None:
        """Write what was recorded."""
        while len(self._clocks) < 2:
            self._clocks.append(Clocks.read())
        first, last = self._clocks
        self.recorder.write(
            self.plan.results,
            warmup=self.plan.warmup,
            seconds=self.plan.seconds,
            ended=self.now(),
            generator_cpu=(last.own - first.own) / max(last.wall - first.wall, 1e-9),
            machine_cpu=(last.busy - first.busy) / max(last.all - first.all, 1e-9),
        )

    def _direct(self, environment: Environment) -> None:
        self._pass(0.0, self.plan.warmup)
        self._clocks.append(Clocks.read())
        self._pass(self.plan.warmup, self.plan.end)
        self._clocks.append(Clocks.read())
        deadline = time.perf_counter() + GRACE
        while self.recorder.under_way and time.perf_counter() < deadline:
            gevent.sleep(0.05)
        if environment.runner:
            environment.runner.quit() if environment.web_ui is None else environment.runner.stop()

    def _pass(self, start: float, end: float) -> None:
        """Let time pass, and say every second how far it is."""
        for second in range(int(start), int(end)):
            self.wait_until(second)
            done, errors = len(self.recorder), self.recorder.errors
            print(f"harness.load {second} {self.plan.end:g} {done} {errors}", flush=True)  # noqa: T201
        self.wait_until(end)


class Arrivals(FastHttpUser):
    """Takes the next arrival of its actor, waits until it is due, sends it, and takes the next."""

    abstract = True
    wait_time = constant(0)
    network_timeout = TIMEOUT
    connection_timeout = TIMEOUT
    show: ClassVar[Show]
    group: ClassVar[Group]

    @task
    def send_next(self) -> None:
        """Send one request; when none is left, the user leaves."""
        waiting = self.show.waiting[self.group.name]
        if not waiting:
            raise StopUser
        due, index = waiting.popleft()
        self.show.wait_until(due)
        self.show.recorder.under_way += 1
        self._send(due, self.show.plan.requests[index])
        self.show.recorder.under_way -= 1

    def _send(self, due: float, request: dict[str, Any]) -> None:
        started = self.show.now()
        with self.client.request(
            request["method"],
            request["path"],
            name=request["operation"],
            headers=request["headers"],
            json=request["body"],
            allow_redirects=False,
            catch_response=True,
        ) as response:
            finished = self.show.now()
            status = int(response.status_code or 0)
            ok = status in request["expect"]
            response.success() if ok else response.failure(f"status {status}")
        self.show.recorder.record(request["operation"], due, started, finished, status, ok)


def make_users(plan: Plan) -> dict[str, type[Arrivals]]:
    """Make a class of users for each actor of the plan, and let the run begin when all of them are there."""
    show = Show(plan)

    def attend(environment: Environment, **_: Any) -> None:
        _listen(environment.events.test_start, lambda **_: show.reset())
        _listen(environment.events.spawning_complete, lambda **_: show.begin(environment))
        _listen(environment.events.test_stop, lambda **_: show.write())

    _listen(events.init, attend)

    users = {}
    for group in plan.groups:
        attributes = {"show": show, "group": group, "fixed_count": group.users, "__module__": __name__}
        users[group.name] = type(group.name, (Arrivals,), attributes)
    return users


def _listen(hook: EventHook, listener: Callable[..., None]) -> None:
    hook.add_listener(listener)  # type: ignore[no-untyped-call]
