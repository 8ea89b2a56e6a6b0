"""Locust users that do what an actor of the operations file does."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, ClassVar

from locust import FastHttpUser, constant, task
from locust.exception import CatchResponseError, StopUser

from harness.load.recorder import Cost
from harness.load.show import Show
from harness.load.wire import FAILURES, TIMEOUT, Packet, Wire
from harness.probes.load.plan import Sendable, class_name

METER = "Harness-Meter"


class Person(FastHttpUser):
    """Sends what falls due at a rate, or one operation of its actor after the other with time to think in between."""

    abstract = True
    network_timeout = TIMEOUT
    connection_timeout = TIMEOUT
    show: ClassVar[Show]
    actor: ClassVar[str]

    def on_start(self) -> None:
        """Wait for the others."""
        self.show.begun.wait()
        self._wire = Wire(self.host or "", self.show.plan.trust)
        self._next: tuple[float, Sendable] | None = None
        self._has_acted = False

    def on_stop(self) -> None:
        """Leave no connection behind."""
        self._wire.close()

    def wait_time(self) -> float:
        """Return the seconds until the next request; at a rate a user leaves when none is left.

        People do not act in step: the first of them begin anywhere in their time to think.
        """
        show = self.show
        if show.profile.is_open:
            if not show.waiting:
                raise StopUser
            self._next = show.waiting.popleft()
            return max(0.0, self._next[0] - show.now())
        think = show.think(self.actor)
        if not self._has_acted:
            think *= show.chance.random()
        self._has_acted = True
        return think

    @task
    def send_next(self) -> None:
        """Send the request that is next; before the first one there is only the wait."""
        show = self.show
        if self._next:
            due, operation = self._next
            self._next = None
            self._send(due, operation, scheduled=True)
        elif self._has_acted:
            self._send(show.now(), show.pick(self.actor), scheduled=False)

    def _send(self, due: float, operation: Sendable, *, scheduled: bool) -> None:
        packet = self.show.stock.take(operation)
        if packet is None:
            self.show.recorder.used_up[operation.name] += 1
        else:
            send(self, self.show, self._wire, packet, due=due, scheduled=scheduled)


class Visitor(FastHttpUser):
    """Sends the visits of a plan, one after the other, to whichever server each of them names."""

    abstract = True
    wait_time = constant(0)
    show: ClassVar[Show]

    @task
    def visit(self) -> None:
        """Send all of them; then the run is over."""
        show = self.show
        show.begun.wait()
        wires = {url: Wire(url) for url in {url for url, _ in show.plan.visits}}
        for url, number in show.plan.visits:
            send(self, show, wires[url], show.stock.packets[number], due=show.now(), scheduled=False)
        show.over = True
        raise StopUser


def send(user: FastHttpUser, show: Show, wire: Wire, packet: Packet, *, due: float, scheduled: bool) -> None:
    """Send one request and keep what became of it, in the recorder and in Locust's own statistics."""
    recorder = show.recorder
    recorder.under_way += 1
    response, body, status = None, b"", 0
    error: Exception | None = None
    began, started = time.time(), show.now()
    try:
        response = wire.send(packet)
        body = response.read()
        status = response.get_code()
    except FAILURES as failure:
        error = failure
    finished = show.now()
    recorder.under_way -= 1
    ok = status in packet.expect
    if status and not ok:
        error = CatchResponseError(f"status {status}")
    cost = Cost.read(response.get(METER)) if response is not None else None
    recorder.record(packet.operation, due, started, finished, status, ok, scheduled=scheduled, cost=cost)
    user.environment.events.request.fire(
        request_type=packet.method,
        name=packet.operation,
        response_time=1000 * (finished - started),
        response_length=len(body),
        response=response,
        context=user.context(),
        exception=error,
        start_time=began,
    )


def cost_of(response: Any) -> Cost:
    """Return what the server said that an answer cost."""
    return Cost.read(response.headers.get(METER) if response.headers else None)


def make_people(show: Show, weights: Iterable[tuple[str, int]]) -> dict[str, type[Person]]:
    """Make a class of users for each actor; (actor, weight) of every operation decides how many there are of each."""
    shares: dict[str, int] = {}
    for actor, weight in weights:
        shares[actor] = shares.get(actor, 0) + weight
    return {
        class_name(actor): type(
            class_name(actor), (Person,), {"show": show, "actor": actor, "weight": weight, "__module__": __name__}
        )
        for actor, weight in shares.items()
    }
