"""Locust users that do what an actor of the operations file does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import gevent  # type: ignore[import-untyped]
from locust import FastHttpUser, constant, task
from locust.exception import StopUser

from harness.load.recorder import Cost
from harness.load.show import Show, pick
from harness.probes.load.plan import Sendable, class_name

TIMEOUT = 30.0
METER = "Harness-Meter"


class Person(FastHttpUser):
    """Sends what falls due at a rate, or one operation of its actor after the other with time to think in between."""

    abstract = True
    wait_time = constant(0)
    network_timeout = TIMEOUT
    connection_timeout = TIMEOUT
    show: ClassVar[Show]
    actor: ClassVar[str]

    def on_start(self) -> None:
        """Wait for the others; people do not act in step."""
        self.show.begun.wait()
        if not self.show.profile.is_open:
            gevent.sleep(self.show.think(self.actor) * self.show.chance.random())

    @task
    def send_next(self) -> None:
        """Send one request; at a rate a user leaves when none is left."""
        show = self.show
        if not show.profile.is_open:
            own = [each for each in show.operations if each.actor == self.actor]
            self._send(show.now(), pick(show, own), scheduled=False)
            gevent.sleep(show.think(self.actor))
        elif show.waiting:
            due, operation = show.waiting.popleft()
            show.wait_until(due)
            self._send(due, operation, scheduled=True)
        else:
            raise StopUser

    def _send(self, due: float, operation: Sendable, *, scheduled: bool) -> None:
        recorder = self.show.recorder
        request = self.show.stock.take(operation)
        if request is None:
            recorder.used_up[operation.name] += 1
        else:
            send(self, self.show, request, due=due, scheduled=scheduled)


class Visitor(FastHttpUser):
    """Sends the visits of a plan, one after the other, to whichever server each of them names."""

    abstract = True
    wait_time = constant(0)
    network_timeout = TIMEOUT
    connection_timeout = TIMEOUT
    show: ClassVar[Show]

    @task
    def visit(self) -> None:
        """Send all of them; then the run is over."""
        show = self.show
        show.begun.wait()
        for url, number in show.plan.visits:
            send(self, show, show.plan.requests[number], due=show.now(), scheduled=False, server=url)
        show.over = True
        raise StopUser


def send(
    user: FastHttpUser, show: Show, request: dict[str, Any], *, due: float, scheduled: bool, server: str = ""
) -> None:
    """Send one request of the plan and record what became of it; `server` is another one than the user's host."""
    recorder = show.recorder
    recorder.under_way += 1
    started = show.now()
    with user.client.request(
        request["method"],
        server + request["path"],
        name=request["operation"],
        headers=request["headers"],
        json=request["body"],
        allow_redirects=False,
        catch_response=True,
    ) as response:
        finished = show.now()
        status = int(response.status_code or 0)
        ok = status in request["expect"]
        response.success() if ok else response.failure(f"status {status}")
    recorder.under_way -= 1
    cost = cost_of(response)
    recorder.record(request["operation"], due, started, finished, status, ok, scheduled=scheduled, cost=cost)


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
