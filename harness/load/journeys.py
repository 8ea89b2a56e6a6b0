"""The base of journeys: people who go from one request to the next, led by what was answered."""

from __future__ import annotations

from itertools import count
from typing import Any, ClassVar

from locust import FastHttpUser
from locust.env import Environment
from locust.exception import StopUser

from harness.load.people import cost_of
from harness.load.show import Show
from harness.load.wire import context_factory


class Journey(FastHttpUser):
    """One person of an actor, with the headers of the plan; a subclass has tasks and sets `actor`."""

    abstract = True
    actor: ClassVar[str]
    show: ClassVar[Show]
    _numbers: ClassVar[count[int]] = count()

    def __init__(self, environment: Environment) -> None:
        trust = self.show.plan.trust
        self.insecure, self.ssl_context_factory = trust.insecure, context_factory(trust)
        super().__init__(environment)

    def wait_time(self) -> float:
        """Think as long as the operations file says for this actor."""
        return self.show.think(self.actor)

    def on_start(self) -> None:
        """Become the next person of the actor; at a rate, the rate is all there is to send, and journeys leave."""
        self.show.begun.wait()
        people = self.show.plan.people.get(self.actor)
        if not people or self.show.profile.is_open:
            raise StopUser
        self._headers = people[next(self._numbers) % len(people)]

    def get(self, operation: str, path: str) -> Any:
        """Send a GET request and return the JSON answer, None where there is none."""
        return self._send("GET", operation, path, None)

    def post(self, operation: str, path: str, body: dict[str, Any], *, expect: tuple[int, ...] = ()) -> Any:
        """Send a POST request and return the JSON answer; the statuses of `expect` are no failures either."""
        return self._send("POST", operation, path, body, expect)

    def _send(
        self, method: str, operation: str, path: str, body: dict[str, Any] | None, expect: tuple[int, ...] = ()
    ) -> Any:
        show = self.show
        started = show.now()
        with self.client.request(
            method, path, name=operation, json=body, headers=self._headers, catch_response=True
        ) as response:
            finished = show.now()
            status = int(response.status_code or 0)
            ok = 200 <= status < 300 or status in expect
            response.success() if ok else response.failure(f"status {status}")
            cost = cost_of(response)
            show.recorder.record(operation, started, started, finished, status, ok, scheduled=False, cost=cost)
            return response.json() if ok and response.content else None
