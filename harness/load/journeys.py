"""The base of journeys: people who go from one request to the next, led by what was answered."""

from __future__ import annotations

from itertools import count
from typing import Any, ClassVar

from locust import FastHttpUser, between
from locust.exception import StopUser

from harness.load.plan import Plan


class Journey(FastHttpUser):
    """One person of an actor, with the headers of the plan; a subclass has tasks and sets `actor`."""

    abstract = True
    wait_time = between(1, 5)
    actor: ClassVar[str]
    plan: ClassVar[Plan]
    _numbers: ClassVar[count[int]] = count()

    def on_start(self) -> None:
        """Become the next person of the actor."""
        people = self.plan.people.get(self.actor)
        if not people:
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
        with self.client.request(
            method, path, name=operation, json=body, headers=self._headers, catch_response=True
        ) as response:
            status = int(response.status_code or 0)
            if 200 <= status < 300 or status in expect:
                response.success()
            else:
                response.failure(f"status {status}")
                return None
            return response.json() if response.content else None
